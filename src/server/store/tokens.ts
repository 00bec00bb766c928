import type { Selectable } from 'kysely'
import type { Actor } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import { now } from './ids.ts'
import { actorById, tokenHash } from './people.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type TokenRow = Selectable<Tables['tokens']>

/** A token in use and whose it is; undefined when it is unknown, expired, or of a disabled user. */
export async function sessionByToken(
  tx: ReadTx,
  token: string,
): Promise<{ readonly actor: Actor; readonly token: TokenRow } | undefined> {
  const row = await tx.selectFrom('tokens').selectAll().where('hash', '=', tokenHash(token)).executeTakeFirst()
  return row && inUse(tx, row)
}

export const tokensOf = (tx: ReadTx, userId: string): Promise<TokenRow[]> =>
  tx.selectFrom('tokens').selectAll().where('user_id', '=', userId).orderBy('created_at').execute()

export const tokenByName = (tx: ReadTx, userId: string, name: string): Promise<TokenRow> =>
  tx.selectFrom('tokens').selectAll().where('user_id', '=', userId).where('name', '=', name).executeTakeFirstOrThrow()

export async function removeToken(tx: WriteTx, userId: string, id: string): Promise<void> {
  const { numDeletedRows } = await tx
    .deleteFrom('tokens')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) refuse('NOT_FOUND', 'token', id)
}

export const noteUse = (tx: WriteTx, id: string) =>
  tx.updateTable('tokens').set({ last_used_at: now() }).where('id', '=', id).execute()

/** What lapsed long ago is of no use to anybody. */
export const forgetExpired = (tx: WriteTx, userId: string) =>
  tx.deleteFrom('tokens').where('user_id', '=', userId).where('expires_at', '<=', now()).execute()

export async function sessionByTokenId(
  tx: ReadTx,
  id: string,
): Promise<{ readonly actor: Actor; readonly token: TokenRow } | undefined> {
  const row = await tx.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
  return row && inUse(tx, row)
}

async function inUse(tx: ReadTx, token: TokenRow) {
  if (token.expires_at !== null && token.expires_at <= now()) return undefined
  const actor = await actorById(tx, token.user_id)
  return actor && { actor, token }
}
