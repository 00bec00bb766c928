import type { Selectable } from 'kysely'
import type { Label } from '../../model/names.ts'
import { refuse } from '../../model/refusal.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type KeyRow = Selectable<Tables['keys']>

export const keysOf = (tx: ReadTx, userId: string): Promise<KeyRow[]> =>
  tx.selectFrom('keys').selectAll().where('user_id', '=', userId).orderBy('created_at').execute()

export type NewKey = { readonly name: Label; readonly fingerprint: string; readonly publicKey: string }

/** One key stands for one user. */
export async function addKey(tx: WriteTx, userId: string, { name, fingerprint, publicKey }: NewKey): Promise<KeyRow> {
  const taken = await tx.selectFrom('keys').select('user_id').where('fingerprint', '=', fingerprint).executeTakeFirst()
  if (taken) return refuse('NAME_TAKEN', 'key', fingerprint)
  return await tx
    .insertInto('keys')
    .values({ id: randomId(), user_id: userId, name, fingerprint, public_key: publicKey, created_at: now() })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function removeKey(tx: WriteTx, userId: string, id: string): Promise<void> {
  const { numDeletedRows } = await tx
    .deleteFrom('keys')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) refuse('NOT_FOUND', 'key', id)
}
