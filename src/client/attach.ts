import { type RawData, WebSocket } from 'ws'
import type { z } from 'zod'
import { basePath } from '../contract/endpoint.ts'
import { attachRun, type FromTerminal, outputByte, type RunRequest, type Size, ToTerminal } from '../contract/runs.ts'
import { jsonOf, notBerth, refusalIn } from './answer.ts'
import type { Connection } from './client.ts'
import { addressOf } from './input.ts'

export type Terminal = {
  /** Standard input; its end is the end of the command's input. */
  readonly input: AsyncIterable<Uint8Array>
  output(stream: 'out' | 'err', bytes: Uint8Array): void
  /** Called once; `resize` is to be called with each new size. */
  watchSize?(resize: (size: z.input<typeof Size>) => void): void
}

/** Runs a command attached and gives its exit code; throws the Refusal that the server answered with. */
export async function attach(
  connection: Connection,
  app: string,
  request: z.input<typeof RunRequest>,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<number> {
  const url = addressOf(connection.url, `${basePath}${attachRun.path}`, { params: { app } })
  const socket = new WebSocket(url.href.replace(/^http/, 'ws'), {
    headers: connection.token ? { authorization: `Bearer ${connection.token}` } : {},
  })
  const ended = exitCode(url, socket, terminal)
  const leave = () => socket.terminate()
  signal?.addEventListener('abort', leave, { once: true })
  socket.once('open', () => {
    socket.send(JSON.stringify(request))
    terminal.watchSize?.((resize) => send(socket, { resize }))
    void forward(terminal.input, socket)
  })
  return await ended.finally(() => signal?.removeEventListener('abort', leave))
}

const send = (socket: WebSocket, message: z.input<typeof FromTerminal>) => {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
}

async function forward(input: AsyncIterable<Uint8Array>, socket: WebSocket): Promise<void> {
  try {
    for await (const chunk of input) {
      for (const frame of framesOf(chunk)) {
        if (socket.readyState !== WebSocket.OPEN) return
        await new Promise<void>((resolve) => socket.send(frame, { binary: true }, () => resolve()))
      }
    }
  } finally {
    send(socket, { end: true })
  }
}

const frameBytes = 64 * 1024

/** The server takes no frame of more than a megabyte. */
function* framesOf(chunk: Uint8Array) {
  for (let at = 0; at < chunk.length; at += frameBytes) yield chunk.subarray(at, at + frameBytes)
}

function exitCode(url: URL, socket: WebSocket, terminal: Terminal): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.on('message', (data: RawData, binary: boolean) => {
      const bytes = bytesOf(data)
      if (binary) return terminal.output(bytes[0] === outputByte.err ? 'err' : 'out', bytes.subarray(1))
      const value = jsonOf(bytes.toString('utf8'))
      const last = ToTerminal.safeParse(value)
      if (last.success && 'exit' in last.data) return resolve(last.data.exit)
      reject(refusalIn(value) ?? notBerth(url, 'it sent what this client does not understand'))
    })
    socket.on('unexpected-response', (_, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const refused = refusalIn(jsonOf(Buffer.concat(chunks).toString('utf8')))
        reject(refused ?? notBerth(url, `it answered ${response.statusCode}`))
      })
    })
    socket.on('error', (error) => reject(notBerth(url, error.message)))
    socket.on('close', () => reject(notBerth(url, 'the connection was cut')))
  })
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
