import type { Selectable } from 'kysely'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type HookRow = Selectable<Tables['hooks']>
export type DeliveryRow = Selectable<Tables['deliveries']>
export type ReportRow = Selectable<Tables['commit_reports']>

/** Deliveries that are kept per hook. */
const keptDeliveries = 200

export const addHook = (tx: WriteTx, row: HookRow) => tx.insertInto('hooks').values(row).execute()

export const hooksOf = (tx: ReadTx, appId: string): Promise<HookRow[]> =>
  tx.selectFrom('hooks').selectAll().where('app_id', '=', appId).orderBy('created_at').execute()

export const hookById = (tx: ReadTx, id: string): Promise<HookRow | undefined> =>
  tx.selectFrom('hooks').selectAll().where('id', '=', id).executeTakeFirst()

export const removeHook = (tx: WriteTx, id: string) => tx.deleteFrom('hooks').where('id', '=', id).execute()

export const deliveriesOf = (tx: ReadTx, hookId: string, limit: number): Promise<DeliveryRow[]> =>
  tx.selectFrom('deliveries').selectAll().where('hook_id', '=', hookId).orderBy('seq', 'desc').limit(limit).execute()

type Same = Pick<DeliveryRow, 'hook_id' | 'delivery' | 'digest'>

/** The one that has deployed already what comes again, by its name or by its very bytes. */
export const deployedBefore = (tx: ReadTx, { hook_id, delivery, digest }: Same): Promise<DeliveryRow | undefined> =>
  tx
    .selectFrom('deliveries')
    .selectAll()
    .where('hook_id', '=', hook_id)
    .where('outcome', '=', 'deployed')
    .where((is) => is.or([is('delivery', '=', delivery), is('digest', '=', digest)]))
    .executeTakeFirst()

export async function addDelivery(tx: WriteTx, row: Omit<DeliveryRow, 'seq' | 'at'>): Promise<void> {
  await tx
    .insertInto('deliveries')
    .values({ ...row, at: now() })
    .execute()
  const kept = tx
    .selectFrom('deliveries')
    .select('seq')
    .where('hook_id', '=', row.hook_id)
    .orderBy('seq', 'desc')
    .limit(keptDeliveries)
  await tx.deleteFrom('deliveries').where('hook_id', '=', row.hook_id).where('seq', 'not in', kept).execute()
}

export const addReport = (tx: WriteTx, row: Omit<ReportRow, 'sent' | 'failures' | 'next_at'>) =>
  tx
    .insertInto('commit_reports')
    .values({ ...row, sent: '', failures: 0, next_at: now() })
    .execute()

/** With the operation that they tell of, as it is now: those that it has news for, the longest due first. */
export const dueReports = (tx: ReadTx) =>
  tx
    .selectFrom('commit_reports')
    .innerJoin('hooks', 'hooks.id', 'commit_reports.hook_id')
    .leftJoin('operations', 'operations.id', 'commit_reports.operation_id')
    .leftJoin('sources', 'sources.app_id', 'hooks.app_id')
    .selectAll('commit_reports')
    .select(['hooks.provider', 'hooks.token', 'hooks.api_url', 'sources.url as source_url'])
    .select(['operations.state', 'operations.app', 'operations.release_number', 'operations.error_message'])
    .where('commit_reports.next_at', '<=', now())
    .where((is) =>
      is.or([
        is('commit_reports.sent', '!=', 'pending'),
        is('operations.state', 'is', null),
        is('operations.state', 'not in', ['queued', 'running']),
      ]),
    )
    .orderBy('commit_reports.next_at')
    .limit(100)
    .execute()

export const changeReport = (
  tx: WriteTx,
  id: string,
  change: Partial<Pick<ReportRow, 'sent' | 'failures' | 'next_at'>>,
) => tx.updateTable('commit_reports').set(change).where('operation_id', '=', id).execute()

export const removeReport = (tx: WriteTx, id: string) =>
  tx.deleteFrom('commit_reports').where('operation_id', '=', id).execute()
