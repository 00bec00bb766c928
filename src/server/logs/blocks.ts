import { type FileHandle, open } from 'node:fs/promises'

const blockBytes = 64 * 1024
const newline = 0x0a

/** Where lines end: `next` is the offset behind the last of them. */
export type Block = { readonly lines: readonly string[]; readonly next: number }

/** The whole lines between two offsets that are starts of lines. */
export async function* linesForward(file: FileHandle, from: number, to: number): AsyncGenerator<Block> {
  let rest: Buffer = Buffer.alloc(0)
  for (let at = from; at < to; at += blockBytes) {
    const start = at - rest.length
    const data = Buffer.concat([rest, await readAt(file, at, Math.min(blockBytes, to - at))])
    const end = data.lastIndexOf(newline) + 1
    rest = data.subarray(end)
    if (end > 0) yield { lines: textLines(data.subarray(0, end)), next: start + end }
  }
}

/** The lines before `end`, the last one first. */
export async function* linesBackward(file: FileHandle, end: number): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - blockBytes)
    const data = Buffer.concat([await readAt(file, from, to - from), rest])
    const start = from === 0 ? 0 : data.indexOf(newline) + 1 || data.length
    rest = data.subarray(0, start)
    yield* textLines(data.subarray(start)).reverse()
    to = from
  }
}

/** Cuts off what a kill in the middle of a write left behind the last newline; gives the size. */
export async function dropTornLine(path: string): Promise<number> {
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const end = await endOfLines(file, size)
  if (end < size) await file.truncate(end)
  return end
}

async function endOfLines(file: FileHandle, size: number): Promise<number> {
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - blockBytes)
    const end = (await readAt(file, from, to - from)).lastIndexOf(newline)
    if (end >= 0) return from + end + 1
    to = from
  }
  return 0
}

function textLines(data: Buffer): string[] {
  return data.length === 0 ? [] : data.toString('utf8', 0, data.length - 1).split('\n')
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position })
  return buffer.subarray(0, bytesRead)
}
