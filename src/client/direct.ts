import type { IncomingMessage, RequestOptions } from 'node:http'
import { createRequire } from 'node:module'
import { pipeline, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { addresses } from '../contract/addresses.ts'
import type { EndpointName, endpoints } from '../contract/endpoints.ts'
import { jsonOf, notBerth, refusalIn } from './answer.ts'
import type { Connection, Upload } from './client.ts'
import { addressOf, type Input, type Output, type Values } from './input.ts'
import { linesOf } from './lines.ts'

type Api = typeof endpoints

/** As `Client`, but it takes the server at its word: no schema is built, and an answer is what the server sent. */
export interface DirectClient {
  call<N extends EndpointName>(name: N, input: Input<Api[N]>, signal?: AbortSignal): Promise<Output<Api[N]>>
  stream<N extends EndpointName>(name: N, input: Input<Api[N]>, signal?: AbortSignal): AsyncIterable<Output<Api[N]>>
  upload<N extends EndpointName>(name: N, input: Input<Api[N]>, upload: Upload): Promise<Output<Api[N]>>
  /** Of an endpoint that carries an image; throws where the connection was cut before its end. */
  download<N extends EndpointName>(name: N, input: Input<Api[N]>, signal?: AbortSignal): Promise<Download>
}

export type Download = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** About how many, where the server knows. */
  readonly size: number | null
}

export const connectDirect = (connection: Connection): DirectClient => ({
  call: (name, input, signal) => answer(connection, { name, input, signal }),
  stream: (name, input, signal) => lines(connection, { name, input, signal }),
  upload: (name, input, upload) => answer(connection, { name, input, upload }),
  download: (name, input, signal) => download(connection, { name, input, signal }),
})

type Call = {
  readonly name: EndpointName
  readonly input: Values
  readonly signal?: AbortSignal | undefined
  readonly upload?: Upload
}

async function answer<T>(connection: Connection, call: Call): Promise<T> {
  const { url, response } = await ask(connection, call)
  const value = jsonOf(await text(response))
  if (value === undefined) throw notBerth(url, 'its answer is not JSON')
  return value as T
}

async function* lines<T>(connection: Connection, call: Call): AsyncGenerator<T> {
  const { url, response } = await ask(connection, call)
  for await (const line of linesOf(uncut(url, response, call.signal))) {
    const value = jsonOf(line)
    const refused = refusalIn(value)
    if (refused) throw refused
    yield value as T
  }
}

async function download(connection: Connection, call: Call): Promise<Download> {
  const { url, response } = await ask(connection, call)
  const size = Number(response.headers['x-berth-image-bytes'] ?? Number.NaN)
  return { bytes: uncut(url, response, call.signal), size: Number.isNaN(size) ? null : size }
}

async function ask({ url: base, token }: Connection, { name, input, signal, upload }: Call) {
  const [method = '', template = ''] = addresses[name].split(' ')
  const url = addressOf(base, template, input)
  const body = input.body === undefined ? undefined : JSON.stringify(input.body)
  const headers = {
    accept: 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(upload && { 'content-type': upload.type }),
  }
  const response = await send(url, { method, headers, ...(signal && { signal }) }, upload?.bytes ?? body)
  if (response.statusCode !== 200) throw await refusalOf(url, response)
  return { url, response }
}

async function refusalOf(url: URL, response: IncomingMessage) {
  return refusalIn(jsonOf(await text(response))) ?? notBerth(url, `it answered ${response.statusCode}`)
}

type Body = AsyncIterable<Uint8Array> | string | undefined

function send(url: URL, options: RequestOptions, body: Body): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = programOf(url).request(url, options)
    request.on('response', resolve)
    request.on('error', (error) => reject(options.signal?.aborted ? error : notBerth(url, error.message)))
    if (typeof body === 'object') pipeline(Readable.from(body), request, () => undefined)
    else request.end(body)
  })
}

// As an import, node:http brings WebSocket and with it all of undici: 25 ms that no command needs.
const load = createRequire(import.meta.url)

const programOf = ({ protocol }: URL): typeof import('node:http') =>
  load(protocol === 'https:' ? 'node:https' : 'node:http')

async function* uncut(url: URL, response: IncomingMessage, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* response
  } catch (error) {
    throw signal?.aborted ? error : notBerth(url, 'the connection was cut')
  }
}
