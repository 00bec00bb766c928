import { appendFile, open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { mutex } from '../../lib/mutex.ts'
import { Pulse } from '../../lib/pulse.ts'
import { type Block, dropTornLine, linesForward } from './blocks.ts'
import { oneLine } from './lineFormat.ts'

/** The last line of a finished log. No other line can hold a NUL. */
const endMark = '\0'
const maxLineChars = 16 * 1024

/**
 * The log of one operation. Readers count the bytes ever written; of these the file lacks `left out` bytes behind the
 * head, where a line says how many lines they were.
 */
export class OperationLog {
  readonly #path: string
  readonly #maxBytes: number
  readonly #oneAtATime = mutex()
  #size: number
  #pending: string[] = []
  #head = Number.POSITIVE_INFINITY
  #leftOut = { bytes: 0, lines: 0, mark: '' }
  readonly changed = new Pulse()
  finished: boolean

  private constructor(path: string, maxBytes: number, size: number, finished: boolean) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#size = size
    this.finished = finished
  }

  static async open(path: string, maxBytes: number): Promise<OperationLog> {
    const there = await stat(path).catch(() => undefined)
    if (!there) return new OperationLog(path, maxBytes, 0, false)
    const size = await dropTornLine(path)
    return new OperationLog(path, maxBytes, size, await endsWithMark(path, size))
  }

  append(text: string): Promise<void> {
    this.#pending.push(shortened(oneLine(text)))
    return this.#oneAtATime(() => this.#writePending())
  }

  finish(): Promise<void> {
    return this.#oneAtATime(async () => {
      if (this.finished) return
      await this.#writePending()
      await this.#write(`${endMark}\n`)
      this.finished = true
      this.changed.ring()
    })
  }

  /** The lines from a place on, as far as one block goes; `next` is the same place when there is nothing more yet. */
  read(place: number): Promise<Block> {
    return this.#oneAtATime(async () => {
      const { bytes, mark } = this.#leftOut
      if (place < this.#head) return await this.#block(place, Math.min(this.#head, this.#size), 0)
      if (place < this.#head + bytes) return { lines: [mark.trimEnd()], next: this.#head + bytes }
      return await this.#block(place, this.#size, bytes - Buffer.byteLength(mark))
    })
  }

  /** `shift`: what to take off a place to get the offset in the file. */
  async #block(place: number, to: number, shift: number): Promise<Block> {
    if (place - shift >= to) return { lines: [], next: place }
    await using file = await open(this.#path)
    for await (const { lines, next } of linesForward(file, place - shift, to)) {
      return { lines: lines.filter((line) => line !== endMark), next: next + shift }
    }
    return { lines: [], next: place }
  }

  async #writePending() {
    const lines = this.#pending
    this.#pending = []
    if (lines.length === 0) return
    this.finished = false
    await this.#write(`${lines.join('\n')}\n`)
    if (this.#size > this.#maxBytes) await this.#cutMiddle()
    this.changed.ring()
  }

  async #write(text: string) {
    try {
      await appendFile(this.#path, text)
      this.#size += Buffer.byteLength(text)
    } catch (error) {
      this.#size = await dropTornLine(this.#path).catch(() => this.#size)
      throw error
    }
  }

  /** Keeps the first half and the last quarter. */
  async #cutMiddle() {
    const content = await readFile(this.#path)
    const { bytes, lines, mark } = this.#leftOut
    const head = Math.min(this.#head, content.lastIndexOf('\n', this.#maxBytes / 2) + 1)
    const cutFrom = head + Buffer.byteLength(mark)
    const cutTo = content.indexOf('\n', this.#size - this.#maxBytes / 4) + 1
    this.#head = head
    this.#leftOut = leftOut(bytes + cutTo - cutFrom, lines + countLines(content.subarray(cutFrom, cutTo)))
    const kept = Buffer.concat([content.subarray(0, head), Buffer.from(this.#leftOut.mark), content.subarray(cutTo)])
    await writeFile(`${this.#path}.next`, kept)
    await rename(`${this.#path}.next`, this.#path)
    this.#size = kept.length
  }
}

const leftOut = (bytes: number, lines: number) => ({ bytes, lines, mark: `… ${lines} lines left out …\n` })

const countLines = (content: Buffer) => content.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0)

const shortened = (text: string) => (text.length > maxLineChars ? `${text.slice(0, maxLineChars)}…` : text)

async function endsWithMark(path: string, size: number): Promise<boolean> {
  const mark = Buffer.from(`${endMark}\n`)
  await using file = await open(path)
  const { buffer } = await file.read({ buffer: Buffer.alloc(mark.length), position: Math.max(0, size - mark.length) })
  return buffer.equals(mark)
}
