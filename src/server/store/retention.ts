import type { WriteTx } from './store.ts'

const dayMs = 24 * 60 * 60 * 1000

/** What is kept of history: operations by age or while they are an app's newest, events by age. */
export const retention = {
  operationsMs: 90 * dayMs,
  operationsPerApp: 200,
  eventsMs: 400 * dayMs,
  /** A node that has not reported for this long after another one did is gone. */
  nodeMs: 5 * 60 * 1000,
  /** Rows per transaction, so that none of them holds up the others for long. */
  atOnce: 1_000,
} as const

const ago = (ms: number, nowMs: number) => new Date(nowMs - ms).toISOString()

/** Gives how many went. Releases keep their rows; those of operations that are not over stay, however old. */
export async function forgetOldOperations(tx: WriteTx, nowMs: number): Promise<number> {
  const ranked = tx
    .selectFrom('operations')
    .select(['seq', 'state', 'finished_at'])
    .select((of) =>
      of.fn
        .agg<number>('row_number')
        .over((by) => by.partitionBy('app').orderBy('seq', 'desc'))
        .as('rank'),
    )
  const old = await tx
    .selectFrom(ranked.as('ranked'))
    .select('seq')
    .where('state', 'not in', ['queued', 'running'])
    .where('finished_at', '<', ago(retention.operationsMs, nowMs))
    .where('rank', '>', retention.operationsPerApp)
    .limit(retention.atOnce)
    .execute()
  if (old.length === 0) return 0
  await tx
    .deleteFrom('operations')
    .where(
      'seq',
      'in',
      old.map(({ seq }) => seq),
    )
    .execute()
  return old.length
}

/** Never those whose package is kept, nor an app's newest: their numbers would be given again. */
export async function forgetOldBuilds(
  tx: WriteTx,
  nowMs: number,
  perApp: number = retention.operationsPerApp,
): Promise<number> {
  const ranked = tx
    .selectFrom('builds')
    .select(['seq', 'state', 'kept', 'finished_at'])
    .select((of) =>
      of.fn
        .agg<number>('row_number')
        .over((by) => by.partitionBy('app_id').orderBy('seq', 'desc'))
        .as('rank'),
    )
  const old = await tx
    .selectFrom(ranked.as('ranked'))
    .select('seq')
    .where('state', 'not in', ['queued', 'running'])
    .where('kept', '=', 0)
    .where('finished_at', '<', ago(retention.operationsMs, nowMs))
    .where('rank', '>', Math.max(1, perApp))
    .limit(retention.atOnce)
    .execute()
  if (old.length === 0) return 0
  const gone = old.map(({ seq }) => seq)
  await tx.deleteFrom('builds').where('seq', 'in', gone).execute()
  return old.length
}

export async function forgetOldEvents(tx: WriteTx, nowMs: number): Promise<number> {
  const old = tx
    .selectFrom('events')
    .select('seq')
    .where('at', '<', ago(retention.eventsMs, nowMs))
    .limit(retention.atOnce)
  const { numDeletedRows } = await tx.deleteFrom('events').where('seq', 'in', old).executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** A node that is gone, or has another name now, must not hold up swaps and drains for ever. */
export async function forgetGoneNodes(tx: WriteTx): Promise<readonly string[]> {
  const nodes = await tx.selectFrom('routers').select(['node', 'seen_at']).execute()
  const newest = Math.max(...nodes.map(({ seen_at }) => Date.parse(seen_at)))
  const gone = nodes.filter(({ seen_at }) => newest - Date.parse(seen_at) > retention.nodeMs).map(({ node }) => node)
  if (gone.length === 0) return gone
  await tx.deleteFrom('routers').where('node', 'in', gone).execute()
  await tx.deleteFrom('instances').where('node', 'in', gone).execute()
  return gone
}
