import { FrameReader } from '../engine/frames.ts'
import type { LogLine } from '../model/logLine.ts'

export type LogEntry = Pick<LogLine, 'at' | 'stream' | 'text'> & {
  /** False for what the rest of the line comes after. */
  readonly whole: boolean
}

/** Longer lines become several, as they do in the Engine. */
const maxTextBytes = 16 * 1024
const timeBytes = '2026-01-01T00:00:00.000000000Z '.length
const timeStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /
const newline = 0x0a

type Piece = { readonly stream: 'out' | 'err'; readonly data: Buffer }
type Reader = { push(chunk: Buffer): Piece[]; rest(): Piece[] }

/** The Engine's answer to `logs` with time stamps, as entries. Framed, or bare where the container has a terminal. */
export async function* readEntries(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogEntry[]> {
  let reader: Reader | undefined
  const entry = entryMaker()
  for await (const chunk of chunks) {
    reader ??= startsWithDigit(chunk) ? bareReader() : framedReader()
    const entries = reader.push(chunk).flatMap(entry)
    if (entries.length > 0) yield entries
  }
  const last = reader?.rest().flatMap(entry) ?? []
  if (last.length > 0) yield last
}

/** Frames start with a byte 0 to 2, bare logs with a year. */
const startsWithDigit = (chunk: Buffer) => (chunk[0] ?? 0) >= 0x30

function framedReader(): Reader {
  const frames = new FrameReader()
  return {
    push: (chunk) => frames.push(chunk).map(({ stream, data }) => ({ stream: stream === 'err' ? 'err' : 'out', data })),
    rest: () => [],
  }
}

function bareReader(): Reader {
  const most = timeBytes + maxTextBytes
  let rest: Buffer = Buffer.alloc(0)
  const asPiece = (data: Buffer): Piece => ({ stream: 'out', data })
  return {
    push(chunk) {
      const bytes = Buffer.concat([rest, chunk])
      const pieces: Piece[] = []
      let start = 0
      for (let end = lineEnd(bytes, start, most); end > 0; end = lineEnd(bytes, start, most)) {
        pieces.push(asPiece(bytes.subarray(start, end)))
        start = end
      }
      rest = bytes.subarray(start)
      return pieces
    },
    rest: () => (rest.length > 0 ? [asPiece(rest)] : []),
  }
}

/** Behind the newline, or behind as much as one piece may have; 0 when neither is there yet. */
function lineEnd(bytes: Buffer, start: number, most: number): number {
  const end = bytes.indexOf(newline, start) + 1
  if (end > 0 && end - start <= most + 1) return end
  return bytes.length - start > most ? start + most : 0
}

/** A piece without a time of its own, the rest of a long line, gets the time before it. */
function entryMaker(): (piece: Piece) => LogEntry[] {
  let at = '1970-01-01T00:00:00.000000000Z'
  return ({ stream, data }) => {
    const head = data.toString('latin1', 0, timeBytes)
    const stamped = timeStamp.test(head)
    if (stamped) at = head.trimEnd()
    const text = data.toString('utf8', stamped ? timeBytes : 0)
    const pieces = cut(text.replace(/\r?\n$/, ''))
    const ended = text.endsWith('\n')
    return pieces.map((piece, index) => ({ at, stream, text: piece, whole: ended && index === pieces.length - 1 }))
  }
}

function cut(text: string): string[] {
  if (text.length <= maxTextBytes) return [text]
  const pieces = Math.ceil(text.length / maxTextBytes)
  return Array.from({ length: pieces }, (_, index) => text.slice(index * maxTextBytes, (index + 1) * maxTextBytes))
}
