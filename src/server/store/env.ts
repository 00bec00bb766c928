import type { Selectable } from 'kysely'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

/** Wanted variables of an app by name, sealed. */
export const envRows = (tx: ReadTx, appId: string): Promise<Selectable<Tables['env']>[]> =>
  tx.selectFrom('env').selectAll().where('app_id', '=', appId).orderBy('name').execute()

export type SealedChange = { readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[] }

/** Changes the wanted variables without a release; the values come sealed. */
export async function changeEnvNow(tx: WriteTx, appId: string, { set, unset }: SealedChange): Promise<void> {
  const changed = [...unset, ...Object.keys(set)]
  await tx.deleteFrom('env').where('app_id', '=', appId).where('name', 'in', changed).execute()
  const rows = Object.entries(set).map(([name, value]) => ({ app_id: appId, name, value, updated_at: now() }))
  if (rows.length > 0) await tx.insertInto('env').values(rows).execute()
}
