import type { Cipher } from './cipher.ts'
import type { ReadTx, WriteTx } from './store.ts'

/** The metadata of uPaaS that an app has of its own, as they were written. */
export async function metadataOfApp(tx: ReadTx, cipher: Cipher, appId: string): Promise<string | undefined> {
  const row = await tx.selectFrom('apps').select('metadata').where('id', '=', appId).executeTakeFirst()
  return row?.metadata ? cipher.open(row.metadata) : undefined
}

export const setMetadataOfApp = (tx: WriteTx, cipher: Cipher, appId: string, text: string | null) =>
  tx
    .updateTable('apps')
    .set({ metadata: text === null ? null : cipher.seal(text) })
    .where('id', '=', appId)
    .execute()
