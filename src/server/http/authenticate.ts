import type { IncomingMessage } from 'node:http'
import { log } from '../../lib/log.ts'
import type { Actor } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import type { Store } from '../store/store.ts'
import { noteUse, sessionByToken, type TokenRow } from '../store/tokens.ts'

export type Session = { readonly actor: Actor; readonly token: TokenRow }

/** By token: as bearer, or as the password of basic authentication with any user name. */
export async function authenticate(store: Store, request: IncomingMessage): Promise<Session> {
  const token = tokenOf(request.headers.authorization ?? '')
  if (!token) return refuse('UNAUTHENTICATED')
  const session = await store.read((tx) => sessionByToken(tx, token))
  if (!session) return refuse('UNAUTHENTICATED')
  noteUseSometimes(store, session.token)
  return session
}

function tokenOf(authorization: string): string {
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +([\w.~+/=:-]{1,1000})$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

const hour = 3_600_000

/** Once an hour is enough to know which tokens are still in use, and costs no request a write. */
function noteUseSometimes(store: Store, { id, last_used_at }: TokenRow): void {
  if (last_used_at && Date.now() - Date.parse(last_used_at) < hour) return
  store.write('people', (tx) => noteUse(tx, id)).catch((error) => log.error({ error }, 'use of a token not noted'))
}
