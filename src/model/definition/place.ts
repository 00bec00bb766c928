import { refuse } from '../refusal.ts'

/** A definition file and where in it something stands; every refusal goes through here. */
export type Place = {
  readonly file: string
  readonly text: string
  readonly warn: (message: string, offset?: number) => void
}

export function failAt(place: Place, offset: number, reason: string): never {
  const { line, column } = position(place.text, offset)
  return refuse('DEFINITION', place.file, line, column, reason)
}

export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: before.length - start + 1 }
}

/** The known word nearest to a mistyped one, when it is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
  const [best] = scored.toSorted((a, b) => a.steps - b.steps)
  return best && best.steps <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) row = nextRow(row, letter, b, i)
  return row.at(-1) ?? 0
}

function nextRow(row: readonly number[], letter: string, b: string, i: number): number[] {
  const next = [i + 1]
  for (const [j, other] of [...b].entries()) {
    const replace = (row[j] ?? 0) + (letter === other ? 0 : 1)
    next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
  }
  return next
}
