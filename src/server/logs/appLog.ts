import { rm } from 'node:fs/promises'
import { mutex } from '../../lib/mutex.ts'
import { Pulse } from '../../lib/pulse.ts'
import type { LogLine } from '../../model/logLine.ts'
import { decode, encode } from './lineFormat.ts'
import { Positions } from './positions.ts'
import { type Limits, type Place, Segments } from './segments.ts'

/** How much has to be read again, at most, to know where the instances' logs end after a kill. */
const saveEveryBytes = 256 * 1024

/** One app's log on disk. The files are the truth; only where instances' logs end is kept in memory. */
export class AppLog {
  readonly #app: string
  readonly #dir: string
  readonly #segments: Segments
  readonly #positions: Positions
  readonly #oneAtATime = mutex()
  readonly changed = new Pulse()
  removed = false

  private constructor(app: string, dir: string, segments: Segments, positions: Positions) {
    this.#app = app
    this.#dir = dir
    this.#segments = segments
    this.#positions = positions
  }

  static async open(app: string, dir: string, limits: Limits): Promise<AppLog> {
    const positions = await Positions.open(dir)
    const segments = await Segments.open(dir, limits, (positions.savedAt?.segment ?? 0) + 1)
    const log = new AppLog(app, dir, segments, positions)
    await log.#catchUp()
    return log
  }

  /** Notes what was appended after the positions were last saved. */
  async #catchUp() {
    for await (const { lines } of this.forward(this.#positions.savedAt ?? this.#segments.start)) {
      for (const line of lines) this.#positions.note(line)
    }
  }

  get end(): Place {
    return this.#segments.end
  }

  positions(): [instance: string, position: string][] {
    return this.#positions.entries()
  }

  append(lines: readonly LogLine[]): Promise<void> {
    return this.#oneAtATime(async () => {
      if (this.removed) return
      await this.#segments.append(Buffer.from(lines.map(encode).join('')))
      for (const line of lines) this.#positions.note(line)
      if (this.#unsaved() > saveEveryBytes) await this.#positions.save(this.end)
      this.changed.ring()
    })
  }

  #unsaved(): number {
    return this.#segments.bytesAfter(this.#positions.savedAt ?? this.#segments.start)
  }

  /** Newest first. Whole segments that nobody wrote to since then are left out. */
  async *backward(end: Place, since?: string): AsyncGenerator<LogLine> {
    for await (const text of this.#segments.backward(end, since ? Date.parse(since) : 0)) {
      const line = decode(this.#app, text)
      if (line) yield line
    }
  }

  async *forward(from: Place): AsyncGenerator<{ lines: LogLine[]; next: Place }> {
    for await (const { lines, next } of this.#segments.forward(from)) {
      yield { lines: lines.flatMap((text) => decode(this.#app, text) ?? []), next }
    }
  }

  bytesAfter(place: Place): number {
    return this.#segments.bytesAfter(place)
  }

  lostAfter(place: Place): boolean {
    return this.#segments.lostAfter(place)
  }

  prune(): Promise<void> {
    return this.#oneAtATime(async () => {
      await this.#save()
      await this.#segments.prune()
    })
  }

  save(): Promise<void> {
    return this.#oneAtATime(() => this.#save())
  }

  async #save() {
    if (!this.removed && this.#unsaved() > 0) await this.#positions.save(this.end)
  }

  /** Ends what follows it, and deletes the files. */
  remove(): Promise<void> {
    return this.#oneAtATime(async () => {
      this.removed = true
      this.changed.ring()
      await rm(this.#dir, { recursive: true, force: true })
    })
  }
}
