import { appendFile, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { type Block, dropTornLine, linesBackward, linesForward } from './blocks.ts'

/** Between two lines of the sequence of segments. */
export type Place = { readonly segment: number; readonly offset: number }

type Segment = { readonly number: number; bornAt: number; size: number; changedAt: number }

export type Limits = { readonly segmentBytes: number; readonly maxBytes: number; readonly maxAgeMs: number }

const isBefore = (a: Place, b: Place) => a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)

/**
 * One app's log: numbered files, appended to at the end and removed at the start. One writer at a time; any number of
 * readers meanwhile, for they stop at what was whole when they began.
 */
export class Segments {
  readonly #dir: string
  readonly #limits: Limits
  #list: Segment[]
  #next: number
  #removed: Place = { segment: 0, offset: 0 }

  private constructor(dir: string, limits: Limits, list: Segment[], next: number) {
    this.#dir = dir
    this.#limits = limits
    this.#list = list
    this.#next = next
  }

  /** Drops the torn line that a kill in the middle of a write leaves at the end. */
  static async open(dir: string, limits: Limits, first: number): Promise<Segments> {
    const numbers = (await namesIn(dir)).flatMap((name) => /^(\d{8,})\.log$/.exec(name)?.[1] ?? []).map(Number)
    const list = await Promise.all(numbers.sort((a, b) => a - b).map((number) => describe(dir, number)))
    const last = list.at(-1)
    if (last) last.size = await dropTornLine(pathOf(dir, last.number))
    return new Segments(dir, limits, list, Math.max(first, (last?.number ?? 0) + 1))
  }

  get start(): Place {
    return { segment: this.#list[0]?.number ?? this.#next, offset: 0 }
  }

  get end(): Place {
    const last = this.#list.at(-1)
    return last ? { segment: last.number, offset: last.size } : { segment: this.#next, offset: 0 }
  }

  /** All or nothing, also when the disk is full. */
  async append(data: Buffer): Promise<void> {
    const segment = await this.#roomFor(data.length)
    const path = pathOf(this.#dir, segment.number)
    try {
      await appendFile(path, data)
    } catch (error) {
      await truncate(path, segment.size).catch(() => {
        segment.bornAt = 0 // nothing more is written behind what cannot be cut off
      })
      throw error
    }
    segment.size += data.length
    segment.changedAt = Date.now()
  }

  async #roomFor(bytes: number): Promise<Segment> {
    const last = this.#list.at(-1)
    const fits = last && (last.size === 0 || last.size + bytes <= this.#limits.segmentBytes)
    if (last && fits && Date.now() - last.bornAt < this.#limits.maxAgeMs / 8) return last
    await mkdir(this.#dir, { recursive: true })
    const segment = { number: this.#next++, bornAt: Date.now(), changedAt: Date.now(), size: 0 }
    this.#list.push(segment)
    await this.prune()
    return segment
  }

  /** Removes the oldest segments beyond the limits; the newest stays unless it is too old as well. */
  async prune(): Promise<void> {
    const { maxBytes, segmentBytes, maxAgeMs } = this.#limits
    const tooOld = (segment: Segment) => Date.now() - segment.changedAt > maxAgeMs
    const tooMuch = () => this.#list.length > 1 && this.bytesAfter(this.start) + segmentBytes > maxBytes
    for (let oldest = this.#list[0]; oldest && (tooOld(oldest) || tooMuch()); oldest = this.#list[0]) {
      this.#list.shift()
      this.#removed = { segment: oldest.number, offset: oldest.size }
      await rm(pathOf(this.#dir, oldest.number), { force: true })
    }
  }

  bytesAfter(place: Place): number {
    const sizes = this.#list.map(({ number, size }) => {
      if (number < place.segment) return 0
      return number === place.segment ? size - place.offset : size
    })
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  /** Whether lines behind that place were removed before anybody read on from there. */
  lostAfter(place: Place): boolean {
    return isBefore(place, this.#removed)
  }

  /** The newest lines first; ends early where the oldest segments are removed meanwhile. */
  async *backward(end: Place, changedSince: number): AsyncGenerator<string> {
    const older = this.#list.filter(({ number }) => number <= end.segment).reverse()
    for (const { number, size, changedAt } of older) {
      if (changedAt < changedSince) return
      await using file = await openIfThere(pathOf(this.#dir, number))
      if (!file) return
      yield* linesBackward(file, number === end.segment ? end.offset : size)
    }
  }

  /** Blocks of lines up to the end that there is while reading, each with the place behind it. */
  async *forward(from: Place): AsyncGenerator<{ lines: readonly string[]; next: Place }> {
    let place = from
    while (isBefore(place, this.end)) {
      const segment = this.#list.find(({ number }) => number >= place.segment)
      if (!segment) return
      const { number, size } = segment
      const offset = number === place.segment ? place.offset : 0
      for await (const { lines, next } of this.#blocks(number, offset, size)) {
        yield { lines, next: { segment: number, offset: next } }
      }
      place = size > offset ? { segment: number, offset: size } : { segment: number + 1, offset: 0 }
    }
  }

  async *#blocks(number: number, from: number, to: number): AsyncGenerator<Block> {
    await using file = await openIfThere(pathOf(this.#dir, number))
    if (file) yield* linesForward(file, from, to)
  }
}

const pathOf = (dir: string, number: number) => join(dir, `${String(number).padStart(8, '0')}.log`)

async function describe(dir: string, number: number): Promise<Segment> {
  const { size, mtimeMs, birthtimeMs } = await stat(pathOf(dir, number))
  return { number, size, changedAt: mtimeMs, bornAt: birthtimeMs || mtimeMs }
}

async function namesIn(dir: string): Promise<string[]> {
  return await readdir(dir).catch(() => [])
}

async function openIfThere(path: string) {
  try {
    return await open(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
