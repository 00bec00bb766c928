import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'

/** The Engine's refusal, with its HTTP status. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type Call = {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | object | undefined>>
  readonly body?: object
  readonly signal?: AbortSignal
}

export type Api = ReturnType<typeof engineApi>

/** The Docker Engine's HTTP API on a unix socket. Version 1.41 (Engine 20.10) is all that Berth needs. */
export function engineApi(socketPath: string) {
  const send = (call: Call) => {
    const body = call.body ? JSON.stringify(call.body) : undefined
    return request({
      socketPath,
      method: call.method ?? 'GET',
      path: `/v1.41${call.path}${queryText(call.query)}`,
      headers: {
        host: 'docker',
        ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(call.signal && { signal: call.signal }),
    }).end(body)
  }

  /** The answer's body as it comes; an error status throws. */
  async function stream(call: Call): Promise<IncomingMessage> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      send(call).once('response', resolve).once('error', reject)
    })
    if ((response.statusCode ?? 500) >= 400)
      throw new EngineError(response.statusCode ?? 500, await errorText(response))
    return response
  }

  return {
    stream,

    async json<T>(call: Call): Promise<T> {
      const text = await textOf(await stream(call))
      return (text ? JSON.parse(text) : undefined) as T
    },

    /** Takes the connection over for a two-way stream (attach, exec). */
    hijack(call: Call): Promise<Duplex> {
      const body = call.body ? JSON.stringify(call.body) : ''
      return new Promise((resolve, reject) => {
        const sent = request({
          socketPath,
          method: 'POST',
          path: `/v1.41${call.path}${queryText(call.query)}`,
          headers: {
            host: 'docker',
            connection: 'Upgrade',
            upgrade: 'tcp',
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        })
        sent.once('upgrade', (_response, socket, head) => {
          if (head.length > 0) socket.unshift(head)
          resolve(socket)
        })
        sent.once('response', (response) => {
          errorText(response).then((text) => reject(new EngineError(response.statusCode ?? 500, text)), reject)
        })
        sent.once('error', reject)
        sent.end(body)
      })
    },
  }
}

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
