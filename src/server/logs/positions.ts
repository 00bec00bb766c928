import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { advance, formatPosition, type LogLine, type LogPosition, parsePosition } from '../../model/logLine.ts'
import type { Place } from './segments.ts'

/** Instances of one app that are remembered. The longest silent is forgotten first, and would be read again whole. */
const most = 2_000

/** Where the log of each instance ends, and up to which place of the segments this is written down. */
export class Positions {
  readonly #path: string
  readonly #ends: Map<string, LogPosition>
  /** Undefined when nothing is written down. */
  savedAt: Place | undefined

  private constructor(path: string, ends: Map<string, LogPosition>, savedAt: Place | undefined) {
    this.#path = path
    this.#ends = ends
    this.savedAt = savedAt
  }

  static async open(dir: string): Promise<Positions> {
    const path = join(dir, 'positions')
    try {
      const [head = '', ...rows] = (await readFile(path, 'utf8')).split('\n')
      const [segment, offset] = head.split(' ').map(Number)
      if (!segment || offset === undefined) return new Positions(path, new Map(), undefined)
      return new Positions(path, parseRows(rows), { segment, offset })
    } catch {
      return new Positions(path, new Map(), undefined)
    }
  }

  note(line: LogLine) {
    const { instance } = line
    const end = advance(this.#ends.get(instance), line)
    this.#ends.delete(instance)
    this.#ends.set(instance, end)
    if (this.#ends.size > most) this.#ends.delete(this.#ends.keys().next().value ?? '')
  }

  entries(): [instance: string, position: string][] {
    return [...this.#ends].map(([instance, end]) => [instance, formatPosition(end)])
  }

  async save(place: Place): Promise<void> {
    const rows = this.entries().map((row) => row.join(' '))
    await writeFile(`${this.#path}.next`, [`${place.segment} ${place.offset}`, ...rows].join('\n'))
    await rename(`${this.#path}.next`, this.#path)
    this.savedAt = place
  }
}

function parseRows(rows: readonly string[]): Map<string, LogPosition> {
  return new Map(
    rows.map((row) => {
      const [instance = '', position = ''] = row.split(' ')
      return [instance, parsePosition(position)]
    }),
  )
}
