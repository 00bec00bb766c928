import { basePath, type Endpoint } from '../contract/endpoint.ts'
import { checked, jsonOf, notBerth, refusalIn, refusalOf } from './answer.ts'
import { addressOf, type Input, type Output, type Values } from './input.ts'
import { linesOf } from './lines.ts'

export type Connection = { readonly url: string; readonly token?: string | undefined }

export interface Client {
  readonly connection: Connection
  /** Throws the Refusal that the server answered with. */
  call<E extends Endpoint>(endpoint: E, input: Input<E>, signal?: AbortSignal): Promise<Output<E>>
  /** The lines of an endpoint that carries lines; ends with the server's end, throws if it was cut off. */
  stream<E extends Endpoint>(endpoint: E, input: Input<E>, signal?: AbortSignal): AsyncIterable<Output<E>>
  /** Sends a tar file as the body. */
  upload<E extends Endpoint>(endpoint: E, input: Input<E>, upload: Upload): Promise<Output<E>>
}

export type Upload = {
  readonly type: 'application/x-tar' | 'application/gzip' | 'application/zip' | 'application/octet-stream'
  readonly bytes: AsyncIterable<Uint8Array>
}

/** A typed door to one server: what comes back is checked against the contract. */
export function connect(connection: Connection): Client {
  return {
    connection,
    async call(endpoint, input, signal) {
      const { url, response } = await ask(connection, endpoint, input, signal ? { signal } : {})
      return checked(url, endpoint, jsonOf(await response.text()))
    },
    async *stream(endpoint, input, signal) {
      const { url, response } = await ask(connection, endpoint, input, signal ? { signal } : {})
      for await (const line of linesOf(bodyOf(url, response))) yield item(url, endpoint, line)
    },
    async upload(endpoint, input, { type, bytes }) {
      const init = { body: ReadableStream.from(bytes), duplex: 'half', headers: { 'content-type': type } } as const
      const { url, response } = await ask(connection, endpoint, input, init)
      return checked(url, endpoint, jsonOf(await response.text()))
    },
  }
}

async function ask({ url: base, token }: Connection, endpoint: Endpoint, input: Values, init: RequestInit) {
  const url = addressOf(base, `${basePath}${endpoint.path}`, input)
  const headers = new Headers(init.headers)
  headers.set('accept', 'application/json')
  if (token) headers.set('authorization', `Bearer ${token}`)
  if (input.body !== undefined) headers.set('content-type', 'application/json')
  const body = input.body === undefined ? {} : { body: JSON.stringify(input.body) }
  const response = await reach(url, { ...init, ...body, method: endpoint.method, headers })
  if (!response.ok) throw await refusalOf(url, response)
  return { url, response }
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw notBerth(url, reasonOf(error))
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message || String(cause) : String(cause)
}

async function* bodyOf(url: URL, response: Response): AsyncGenerator<Uint8Array> {
  try {
    if (response.body) yield* response.body
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error
    throw notBerth(url, 'the connection was cut')
  }
}

function item<E extends Endpoint>(url: URL, endpoint: E, line: string): Output<E> {
  const value = jsonOf(line)
  const refused = refusalIn(value)
  if (refused) throw refused
  return checked(url, endpoint, value)
}
