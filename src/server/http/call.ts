import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import { type EndpointName, endpoints } from '../../contract/endpoints.ts'
import type { Actor } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import { record } from '../store/events.ts'
import type { ReadTx, Store, Topic, WriteTx } from '../store/store.ts'
import { sessionByTokenId } from '../store/tokens.ts'
import type { Session } from './authenticate.ts'

/** What a call is about, for the audit log, and how it was let in, to be asked again while it goes on. */
export type Subject = { target: string; teamId: string | null; again?: (tx: ReadTx, actor: Actor) => unknown }

/** One request by somebody known, its input already of the contract's types. */
export type Call<E extends Endpoint = Endpoint> = {
  readonly endpoint: E
  readonly params: z.output<E['params']>
  readonly query: z.output<E['query']>
  readonly body: z.output<E['body']>
  readonly actor: Actor
  readonly session: Session
  readonly address: string
  readonly request: IncomingMessage
  /** Fires when the asker is gone. */
  readonly signal: AbortSignal
  readonly subject: Subject
  /** One transaction, with its line in the audit log. */
  write<T>(topics: Topic | readonly Topic[], work: (tx: WriteTx) => Promise<T>): Promise<T>
}

const names = new Map<Endpoint, EndpointName>(
  Object.entries(endpoints).map(([name, endpoint]) => [endpoint, name as EndpointName]),
)

export const nameOf = (endpoint: Endpoint): string => names.get(endpoint) ?? endpoint.path

export function auditOf(call: Pick<Call, 'endpoint' | 'subject' | 'address'>, result: string) {
  const { target, teamId } = call.subject
  return { action: nameOf(call.endpoint), target, teamId, source: call.address, result }
}

export const writer =
  (store: Store, call: Pick<Call, 'endpoint' | 'subject' | 'address' | 'actor'>): Call['write'] =>
  (topics, work) =>
    store.write(topics, async (tx) => {
      const result = await work(tx)
      await record(tx, call.actor, auditOf(call, 'ok'))
      return result
    })

/** For what goes on for long: throws when the token, the user or the right is gone meanwhile. */
export async function stillAllowed(store: Store, { session, subject }: Pick<Call, 'session' | 'subject'>) {
  await store.read(async (tx) => {
    const now = await sessionByTokenId(tx, session.token.id)
    if (!now) return refuse('UNAUTHENTICATED')
    await subject.again?.(tx, now.actor)
  })
}
