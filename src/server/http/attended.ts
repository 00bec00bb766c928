import { PassThrough } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { z } from 'zod'
import { type attachRun, FromTerminal, outputByte, RunRequest } from '../../contract/runs.ts'
import { refusal } from '../../model/refusal.ts'
import type { AppRow } from '../store/access.ts'
import { type Call, stillAllowed } from './call.ts'
import type { ApiContext, Size, Terminal } from './context.ts'
import { parseInput } from './parseInput.ts'
import { asRefusal, errorBody } from './respondWithError.ts'
import { strictJson } from './strictJson.ts'

type Attending = Call<typeof attachRun> & { readonly appRow: AppRow }

const patienceMs = 10_000
const beatMs = 20_000

/** One attached run on an open socket: request, streams, exit code. */
export async function attended(ctx: ApiContext, call: Attending, socket: WebSocket): Promise<void> {
  const beat = setInterval(() => void keepAwake(ctx, call, socket), beatMs)
  try {
    const { request, terminal } = conversation(socket)
    const { command, tty, size } = await request
    await stillAllowed(ctx.store, call)
    await call.write('operations', async () => undefined)
    const run = { app: call.appRow, command, tty, size, actor: call.actor }
    const exit = await ctx.runs.attached(run, terminal)
    end(socket, { exit })
  } catch (error) {
    end(socket, errorBody(asRefusal(error, 'attached run')))
  } finally {
    clearInterval(beat)
  }
}

function end(socket: WebSocket, last: object): void {
  if (socket.readyState !== WebSocket.OPEN) return
  socket.send(JSON.stringify(last), () => socket.close(1000))
}

type Request = z.output<typeof RunRequest>

/** The first frame is the request, the others are the terminal's: heard from the start, for they may come at once. */
function conversation(socket: WebSocket) {
  const request = Promise.withResolvers<Request>()
  const silence = setTimeout(() => request.reject(invalid('the first frame must come within 10 s')), patienceMs)
  const gone = new AbortController()
  const { terminal, hear } = terminalOf(socket, gone.signal)
  socket.on('error', () => socket.terminate())
  socket.once('close', () => {
    clearTimeout(silence)
    request.reject(invalid('the connection was closed'))
    gone.abort()
  })
  socket.once('message', (data: RawData, binary: boolean) => {
    clearTimeout(silence)
    socket.on('message', hear)
    try {
      request.resolve(requestIn(data, binary))
    } catch (error) {
      request.reject(error)
    }
  })
  return { request: request.promise, terminal }
}

const invalid = (reason: string) => refusal('INVALID', 'request', reason)

function requestIn(data: RawData, binary: boolean): Request {
  if (binary) throw invalid('the first frame must be text')
  return parseInput(RunRequest, strictJson(String(data)), 'request')
}

async function keepAwake(ctx: ApiContext, call: Attending, socket: WebSocket): Promise<void> {
  socket.ping()
  try {
    await stillAllowed(ctx.store, call)
  } catch (error) {
    end(socket, errorBody(asRefusal(error, 'attached run')))
    setTimeout(() => socket.terminate(), 1_000).unref()
  }
}

function terminalOf(socket: WebSocket, signal: AbortSignal) {
  const input = new PassThrough()
  let resized: (size: Size) => void = () => undefined
  signal.addEventListener('abort', () => input.end(), { once: true })
  const terminal: Terminal = {
    input,
    signal,
    output: (stream, bytes) => send(socket, Buffer.concat([Buffer.of(outputByte[stream]), bytes])),
    onResize(listener) {
      resized = listener
    },
  }
  const hear = (data: RawData, binary: boolean) => {
    if (binary) return take(socket, input, bytesOf(data))
    const message = messageOf(data)
    if (!message) return socket.close(1007, 'not understood')
    if ('resize' in message) resized(message.resize)
    else input.end()
  }
  return { terminal, hear }
}

/** A command that does not read makes the sender wait. */
function take(socket: WebSocket, input: PassThrough, bytes: Buffer): void {
  if (input.writableEnded || input.write(bytes)) return
  socket.pause()
  input.once('drain', () => socket.resume())
}

const send = (socket: WebSocket, frame: Buffer) =>
  new Promise<void>((resolve) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame, { binary: true }, () => resolve())
    else resolve()
  })

function messageOf(data: RawData): z.output<typeof FromTerminal> | undefined {
  try {
    return parseInput(FromTerminal, strictJson(String(data)), 'frame')
  } catch {
    return undefined
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
