import { z } from 'zod'
import type { Action } from '../model/policy.ts'

/** Everything stands below this path, but for /api/openapi.json. */
export const basePath = '/api/v1'

/** Who may call: `anyone`, whoever is `signed-in`, whoever can sign with the secret of the thing (`signature`), or whom the policy lets do the action. */
export type Access = 'anyone' | 'signed-in' | 'signature' | Action

/**
 * What goes over the wire besides JSON. `lines`: the answer is one JSON value per line (NDJSON; empty lines only keep the
 * connection awake). `upload`: the body is a tar file, gzipped or not, or a zip file. `event`:
 * the body is what a provider of repositories tells, signed byte for byte. `image`: the answer is a tar file.
 * `socket`: a WebSocket.
 */
type Carries = 'json' | 'lines' | 'upload' | 'event' | 'image' | 'socket'

type Fields = z.ZodType<Record<string, unknown>>
type Definition<P extends Fields, Q extends Fields, B extends z.ZodType, R extends z.ZodType> = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `basePath`; `:name` is a parameter. */
  readonly path: string
  readonly summary: string
  readonly access: Access
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** The answer; of an endpoint that carries lines, one line of it. */
  readonly returns: R
  readonly carries?: Carries
}

export type Endpoint<
  P extends Fields = Fields,
  Q extends Fields = Fields,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> = Required<Definition<P, Q, B, R>>

const nothing = z.strictObject({})
type Nothing = typeof nothing

/** One thing that can be asked of the server, described in this place only. */
export function endpoint<
  R extends z.ZodType,
  P extends Fields = Nothing,
  Q extends Fields = Nothing,
  B extends z.ZodType = Nothing,
>(definition: Definition<P, Q, B, R>): Endpoint<P, Q, B, R> {
  const defaults = { params: nothing, query: nothing, body: nothing, carries: 'json' as const }
  return { ...defaults, ...definition } as unknown as Endpoint<P, Q, B, R>
}
