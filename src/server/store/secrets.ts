import type { ReadTx, WriteTx } from './store.ts'

/** Names of an app's variables whose values are written only. */
export async function secretNames(tx: ReadTx, appId: string): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom('secret_names').select('name').where('app_id', '=', appId).execute()
  return new Set(rows.map(({ name }) => name))
}

/** From now on and for good: earlier releases may hold a value under that name, and a rollback brings it back. */
export async function markSecret(tx: WriteTx, appId: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await tx
    .insertInto('secret_names')
    .values(names.map((name) => ({ app_id: appId, name })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
