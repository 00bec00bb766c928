import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import { log } from '../../lib/log.ts'
import { Refusal } from '../../model/refusal.ts'
import { record } from '../store/events.ts'
import { authenticate } from './authenticate.ts'
import { auditOf, type Call, nameOf, stillAllowed, writer } from './call.ts'
import { clientAddress } from './clientAddress.ts'
import type { ApiContext } from './context.ts'
import { parseInput, queryOf } from './parseInput.ts'
import { announcedBytes, bytesOf, readBody, withinTime } from './readBody.ts'
import { sendJson } from './respond.ts'
import { type SentImage, sendImage } from './sendImage.ts'
import { sendLines } from './sendLines.ts'

export type Incoming = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly params: Readonly<Record<string, string>>
  readonly search: URLSearchParams
}

/** An endpoint and what answers it. */
export type Route = { readonly endpoint: Endpoint; serve(ctx: ApiContext, incoming: Incoming): Promise<void> }

type Answer<E extends Endpoint> = z.input<E['returns']>

/** Of an endpoint for whoever is signed in, or may do what the contract says. */
export const handle = <E extends Endpoint>(
  endpoint: E,
  handler: (ctx: ApiContext, call: Call<E>) => Promise<Answer<E>>,
): Route => ({
  endpoint,
  serve: (ctx, incoming) =>
    withCall(ctx, endpoint, incoming, async (call) => {
      const value = await handler(ctx, call)
      mustHaveAsked(call)
      answer(endpoint, incoming, value)
    }),
})

/** Of an endpoint that carries lines; what refuses, refuses before the first of them. */
export const handleLines = <E extends Endpoint>(
  endpoint: E,
  handler: (ctx: ApiContext, call: Call<E>) => Promise<AsyncIterable<Answer<E>>>,
): Route => ({
  endpoint,
  serve: (ctx, incoming) =>
    withCall(ctx, endpoint, incoming, async (call) => {
      const lines = await handler(ctx, call)
      mustHaveAsked(call)
      await sendLines(incoming.response, lines, () => stillAllowed(ctx.store, call))
    }),
})

/** Of an endpoint that carries an image; what refuses, refuses before the first byte. */
export const handleImage = <E extends Endpoint>(
  endpoint: E,
  handler: (ctx: ApiContext, call: Call<E>) => Promise<SentImage>,
): Route => ({
  endpoint,
  serve: (ctx, incoming) =>
    withCall(ctx, endpoint, incoming, async (call) => {
      const image = await handler(ctx, call)
      mustHaveAsked(call)
      await sendImage(incoming.response, image, () => stillAllowed(ctx.store, call))
    }),
})

export type AnyonesCall<E extends Endpoint> = Pick<Call<E>, 'params' | 'query' | 'body' | 'endpoint' | 'address'>

/** Of an endpoint that needs no credentials. */
export const handleAnyone = <E extends Endpoint>(
  endpoint: E,
  handler: (ctx: ApiContext, call: AnyonesCall<E>) => Promise<Answer<E>>,
): Route => ({
  endpoint,
  async serve(ctx, incoming) {
    const input = await inputOf(endpoint, incoming)
    answer(endpoint, incoming, await handler(ctx, { ...input, endpoint, address: clientAddress(incoming.request) }))
  },
})

export type SignedCall<E extends Endpoint> = Pick<Call<E>, 'params' | 'address'> & {
  readonly body: Buffer
  header(name: string): string
}

/** Lets in who may send at all, before the first byte is read; what it gives is kept until the answer. */
type Admit<E extends Endpoint> = (
  ctx: ApiContext,
  call: Pick<SignedCall<E>, 'params' | 'address'> & { readonly announced: number | undefined },
) => Promise<Disposable>

/** Of an endpoint whose body proves who sent it: the bytes come as they are. */
export const handleSigned = <E extends Endpoint>(
  endpoint: E,
  admit: Admit<E>,
  handler: (ctx: ApiContext, call: SignedCall<E>) => Promise<Answer<E>>,
): Route => ({
  endpoint,
  async serve(ctx, incoming) {
    const { params } = await inputOf(endpoint, incoming)
    const { request } = incoming
    const address = clientAddress(request)
    using _ = await admit(ctx, { params, address, announced: announcedBytes(request) })
    const body = await withinTime(request, patienceMs, () => bytesOf(request, mostEventBytes))
    const header = (name: string) => String(request.headers[name] ?? '')
    answer(endpoint, incoming, await handler(ctx, { params, body, header, address }))
  },
})

/** What the largest provider sends at most. */
const mostEventBytes = 25 * 1_048_576
const patienceMs = 30_000

async function withCall<E extends Endpoint>(
  ctx: ApiContext,
  endpoint: E,
  incoming: Incoming,
  work: (call: Call<E>) => Promise<void>,
): Promise<void> {
  const { request, response } = incoming
  const session = await authenticate(ctx.store, request)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const call = {
    ...(await inputOf(endpoint, incoming)),
    endpoint,
    session,
    actor: session.actor,
    address: clientAddress(request),
    request,
    signal: gone.signal,
    subject: { target: session.actor.name, teamId: null },
  }
  try {
    await work({ ...call, write: writer(ctx.store, call) })
  } catch (error) {
    await noteRefusal(ctx, call, error)
    throw error
  }
}

async function inputOf<E extends Endpoint>(endpoint: E, { request, params, search }: Incoming) {
  const input = {
    params: parseInput(endpoint.params, params, 'path'),
    query: parseInput(endpoint.query, queryOf(search), 'query'),
    body: endpoint.carries === 'json' && endpoint.method !== 'GET' ? await bodyOf(endpoint, request) : {},
  }
  return input as Pick<Call<E>, 'params' | 'query' | 'body'>
}

const bodyOf = async (endpoint: Endpoint, request: IncomingMessage) =>
  parseInput(endpoint.body, await readBody(request), 'body')

/** Only what the contract lists leaves the server: the schema drops the rest. */
const answer = (endpoint: Endpoint, { response }: Incoming, value: unknown) =>
  sendJson(response, 200, endpoint.returns.parse(value))

/** A handler that asked nobody answers nobody. */
function mustHaveAsked({ endpoint, subject }: Pick<Call, 'endpoint' | 'subject'>) {
  const asked = endpoint.access === 'signed-in' || subject.again !== undefined
  if (!asked) throw new Error(`${nameOf(endpoint)} did not ask the policy`)
}

/** Who tries what they may not is worth a line; who mistypes is not. */
async function noteRefusal(
  ctx: ApiContext,
  call: Pick<Call, 'endpoint' | 'subject' | 'address' | 'actor'>,
  error: unknown,
) {
  const worth = error instanceof Refusal && !['INVALID', 'NOT_FOUND', 'TOO_LARGE'].includes(error.code)
  if (!worth || call.endpoint.method === 'GET') return
  await ctx.store
    .write('people', (tx) => record(tx, call.actor, auditOf(call, error.code)))
    .catch((failure) => log.error({ error: failure }, 'refusal not noted'))
}
