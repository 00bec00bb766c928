import type { Selectable } from 'kysely'
import { refuse } from '../../model/refusal.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type UploadRow = Selectable<Tables['uploads']>

export const addUpload = (tx: WriteTx, row: UploadRow) => tx.insertInto('uploads').values(row).execute()

/** Only its owner's: others have no business in what is half there. */
export async function uploadOf(tx: ReadTx, wanted: { id: string; appId: string; userId: string }): Promise<UploadRow> {
  const row = await tx
    .selectFrom('uploads')
    .selectAll()
    .where('id', '=', wanted.id)
    .where('app_id', '=', wanted.appId)
    .where('user_id', '=', wanted.userId)
    .executeTakeFirst()
  return row ?? refuse('NOT_FOUND', 'upload', wanted.id)
}

export const uploadsOfUser = (tx: ReadTx, userId: string) =>
  tx.selectFrom('uploads').selectAll().where('user_id', '=', userId).execute()

export const removeUpload = (tx: WriteTx, id: string) => tx.deleteFrom('uploads').where('id', '=', id).execute()

/** Ids of those that are still to be used. */
export const freshUploads = async (tx: ReadTx, since: string): Promise<ReadonlySet<string>> =>
  new Set((await tx.selectFrom('uploads').select('id').where('created_at', '>=', since).execute()).map(({ id }) => id))

export const removeOldUploads = (tx: WriteTx, before: string) =>
  tx.deleteFrom('uploads').where('created_at', '<', before).execute()
