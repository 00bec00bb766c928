/** The closest of the candidates, if it is close enough to be what was meant. */
export function closest(typed: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(typed, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.candidate
}

export const didYouMean = (typed: string, candidates: readonly string[], prefix = '') => {
  const meant = closest(typed, candidates)
  return meant === undefined ? '' : `; did you mean "${prefix}${meant}"?`
}

/** Edits between two words: insert, delete, replace, and swap of two neighbours. */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) rows.push(nextRow(rows, i, a, b))
  return at(rows, a.length, b.length)
}

function nextRow(rows: readonly number[][], i: number, a: string, b: string): number[] {
  const row = [i]
  for (let j = 1; j <= b.length; j++) {
    const replaced = at(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
    const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(rows, i - 2, j - 2) + 1 : Infinity
    row.push(Math.min(replaced, swapped, at(rows, i - 1, j) + 1, (row[j - 1] ?? Infinity) + 1))
  }
  return row
}

const at = (rows: readonly number[][], i: number, j: number) => rows[i]?.[j] ?? Infinity
