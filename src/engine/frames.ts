/** One write of a container without a terminal, as the Engine's `logs` and `attach` carry it. */
export type Frame = { readonly stream: 'in' | 'out' | 'err'; readonly data: Buffer }

const headerBytes = 8
const maxBytes = 16 * 1024 * 1024
const streams = ['in', 'out', 'err'] as const

/** Takes the stream's chunks, cut anywhere, and gives the frames that are complete. One reader per stream. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  #missing = headerBytes
  #parts: Buffer[] = []

  push(chunk: Buffer): Frame[] {
    this.#parts.push(chunk)
    this.#missing -= chunk.length
    if (this.#missing > 0) return []
    this.#rest = Buffer.concat(this.#parts)
    return this.#takeAll()
  }

  #takeAll(): Frame[] {
    const frames: Frame[] = []
    let at = 0
    let size = this.#sizeAt(at)
    while (at + size <= this.#rest.length) {
      frames.push(frameAt(this.#rest, at, size))
      at += size
      size = this.#sizeAt(at)
    }
    this.#parts = [this.#rest.subarray(at)]
    this.#missing = at + size - this.#rest.length
    return frames
  }

  /** Of the frame that starts there, its header included; of the header alone while that is all one can know. */
  #sizeAt(at: number): number {
    if (this.#rest.length < at + headerBytes) return headerBytes
    const size = this.#rest.readUInt32BE(at + 4)
    const start = this.#rest.readUInt32BE(at)
    if (size > maxBytes || (start & 0x00ffffff) !== 0 || start >>> 24 >= streams.length) {
      throw new Error('not a multiplexed stream of the Engine, or out of step')
    }
    return headerBytes + size
  }
}

function frameAt(bytes: Buffer, at: number, size: number): Frame {
  return { stream: streams[bytes[at] ?? 1] ?? 'out', data: bytes.subarray(at + headerBytes, at + size) }
}
