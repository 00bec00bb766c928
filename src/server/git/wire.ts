import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** What libexec/git-relay says first: `name=value` fields, each ended by a NUL, and one more NUL. */
export type Header = Readonly<Record<string, string>>

const headerLimit = 64 * 1024
const headerDeadlineMs = 10_000

/** Leaves all that follows the header in the socket, paused. */
export function readHeader(socket: Socket): Promise<Header> {
  const { promise, resolve, reject } = Promise.withResolvers<Header>()
  let seen: Buffer = Buffer.alloc(0)
  const take = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    const end = seen.indexOf('\0\0')
    if (end >= 0) resolve(cut(socket, seen, end))
    else if (seen.length > headerLimit) reject(new Error('the header of a relay is too long'))
  }
  const timer = setTimeout(() => reject(new Error('a relay sent no header')), headerDeadlineMs)
  const gone = () => reject(new Error('a relay went away before its header'))
  socket.on('data', take).on('end', gone).on('close', gone)
  return promise.finally(() => {
    clearTimeout(timer)
    socket.off('data', take).off('end', gone).off('close', gone)
  })
}

function cut(socket: Socket, seen: Buffer, end: number): Header {
  socket.pause()
  const rest = seen.subarray(end + 2)
  if (rest.length > 0) socket.unshift(rest)
  return Object.fromEntries(seen.toString('utf8', 0, end).split('\0').map(field))
}

function field(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

type Kind = 'o' | 'e' | 'x'

/** One byte of kind, four of length, the data. */
function frame(kind: Kind, data: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(kind, 'latin1')
  head.writeUInt32BE(data.length, 1)
  return Buffer.concat([head, data])
}

/** The way back to a relay: its standard output, its standard error, and its exit status as the last word. */
export type Reply = {
  readonly output: Writable
  error(text: string | Buffer): void
  exit(status: number): Promise<void>
}

export function replyTo(socket: Socket): Reply {
  const output = new Writable({ write: (chunk: Buffer, _, done) => void socket.write(frame('o', chunk), () => done()) })
  socket.on('close', () => output.destroy())
  socket.on('error', () => output.destroy())
  output.on('error', () => undefined)
  return {
    output,
    error: (text) => void (socket.writable && socket.write(frame('e', Buffer.from(text)))),
    async exit(status) {
      if (!output.destroyed) await finished(output.end()).catch(() => undefined)
      if (socket.writable) socket.end(frame('x', Buffer.of(Math.min(status, 255))))
    },
  }
}
