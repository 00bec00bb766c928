import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { type Duplex, pipeline, type Readable } from 'node:stream'

/** The Engine's refusal, with its HTTP status. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The Engine took a call and has not answered it. */
class EngineSilent extends Error {
  override readonly name = 'EngineSilent'
  readonly code = 'ETIMEDOUT'
  constructor(path: string, ms: number) {
    super(`the Docker Engine did not answer ${path} within ${ms / 1000} s`)
  }
}

const connectionErrors = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']

/** Whether it was not the call that was wrong, but the Engine that is not there, hangs, or has not come up yet. */
export function isAway(error: unknown): boolean {
  if (error instanceof EngineError) return error.status === 503
  if (!(error instanceof Error) || !('code' in error)) return false
  const ofAFile = 'path' in error && (!('syscall' in error) || error.syscall !== 'connect')
  return !ofAFile && connectionErrors.includes(String(error.code))
}

const patienceMs = 60_000

export type Call = {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | object | undefined>>
  readonly body?: object
  /** A tar file, instead of a body of JSON. */
  readonly content?: Readable
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** How long the answer may take to begin, and its body to come; a minute unless given. */
  readonly withinMs?: number
  /** The answer begins at once, and its body comes when what it tells of has happened. */
  readonly waits?: boolean
}

export type Api = ReturnType<typeof engineApi>

/** The Docker Engine's HTTP API on a unix socket. Version 1.41 (Engine 20.10) is all that Berth needs. */
export function engineApi(socketPath: string) {
  const send = (call: Call, headers: Record<string, string> = {}) => {
    const body = call.body ? JSON.stringify(call.body) : undefined
    const sent = request({
      socketPath,
      method: call.method ?? 'GET',
      path: `/v1.41${call.path}${queryText(call.query)}`,
      headers: {
        host: 'docker',
        ...headers,
        ...call.headers,
        ...(call.content && { 'content-type': 'application/x-tar' }),
        ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(call.signal && { signal: call.signal }),
    })
    if (!call.content) return sent.end(body)
    pipeline(call.content, sent, () => undefined)
    return sent
  }

  /** The answer's body as it comes; an error status throws. */
  async function stream(call: Call): Promise<IncomingMessage> {
    const response = await answerTo(send(call), call)
    if ((response.statusCode ?? 500) >= 400)
      throw new EngineError(response.statusCode ?? 500, await errorText(response))
    return response
  }

  return {
    stream,

    async json<T>(call: Call): Promise<T> {
      const response = await stream(call)
      const text = await (call.waits ? textOf(response) : within(response, call, textOf(response)))
      return (text ? JSON.parse(text) : undefined) as T
    },

    /** Takes the connection over for a two-way stream (attach, exec). */
    async hijack(call: Call): Promise<Duplex> {
      const sent = send({ method: 'POST', ...call }, { connection: 'Upgrade', upgrade: 'tcp', 'content-length': '0' })
      const taken = Promise.withResolvers<Duplex>()
      sent.once('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        taken.resolve(socket)
      })
      sent.once('response', (response) => {
        errorText(response).then(
          (text) => taken.reject(new EngineError(response.statusCode ?? 500, text)),
          taken.reject,
        )
      })
      sent.once('error', taken.reject)
      return await within(sent, call, taken.promise)
    },
  }
}

async function answerTo(sent: ClientRequest, call: Call): Promise<IncomingMessage> {
  const answer = Promise.withResolvers<IncomingMessage>()
  sent.once('response', answer.resolve).once('error', answer.reject)
  return await within(sent, call, answer.promise)
}

/** Ends what does not come in time: a hung Engine must not hang whoever asked it. */
async function within<T>(what: Destroyable, { path, withinMs = patienceMs }: Call, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new EngineSilent(path, withinMs)
    what.destroy(error)
    late.reject(error)
  }, withinMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}

type Destroyable = { destroy(error: Error): unknown }

function queryText(query: Call['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [[key, typeof value === 'object' ? JSON.stringify(value) : String(value)] as [string, string]],
  )
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : ''
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function errorText(response: IncomingMessage): Promise<string> {
  const text = await textOf(response)
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text)
  } catch {
    return text
  }
}
