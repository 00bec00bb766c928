import type { Selectable } from 'kysely'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type StackRow = Selectable<Tables['stacks']>

/** The stack that is set for an app. */
export async function stackOfApp(tx: ReadTx, appId: string): Promise<string | null> {
  const row = await tx.selectFrom('apps').select('stack').where('id', '=', appId).executeTakeFirst()
  return row?.stack ?? null
}

export const setStackOfApp = (tx: WriteTx, appId: string, stack: string | null) =>
  tx.updateTable('apps').set({ stack }).where('id', '=', appId).execute()

/** Those that apps are set to. */
export async function stacksOfApps(tx: ReadTx): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom('apps').select('stack').where('stack', 'is not', null).distinct().execute()
  return new Set(rows.flatMap(({ stack }) => stack ?? []))
}

export async function stackRows(tx: ReadTx): Promise<ReadonlyMap<string, StackRow>> {
  const rows = await tx.selectFrom('stacks').selectAll().execute()
  return new Map(rows.map((row) => [row.name, row]))
}

export const stackRow = (tx: ReadTx, name: string) =>
  tx.selectFrom('stacks').selectAll().where('name', '=', name).executeTakeFirst()

const fresh = (name: string) => ({
  name,
  wanted_by: null,
  log: null,
  failures: 0,
  error: null,
  next_at: null,
  began_at: null,
  finished_at: null,
})

async function change(tx: WriteTx, name: string, set: Partial<StackRow>) {
  const all = { ...fresh(name), ...set }
  await tx
    .insertInto('stacks')
    .values(all)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(set))
    .execute()
}

/** Whoever asks twice before it begins gets it once. The log is new, so that it can be followed from now on. */
export async function wantStack(tx: WriteTx, name: string, by: string, log: string): Promise<void> {
  const row = await stackRow(tx, name)
  if (row?.wanted_by) return
  await change(tx, name, { wanted_by: by, next_at: null, log })
}

/** Gives who had asked for it. */
export async function beginStack(tx: WriteTx, name: string, log: string): Promise<void> {
  await change(tx, name, { began_at: now(), finished_at: null, log })
}

/** What had begun when a server ended begins again. */
export const interruptedStacks = (tx: WriteTx) =>
  tx
    .updateTable('stacks')
    .set({ began_at: null })
    .where('began_at', 'is not', null)
    .where('finished_at', 'is', null)
    .execute()

export const stackMade = (tx: WriteTx, name: string) =>
  change(tx, name, { wanted_by: null, failures: 0, error: null, next_at: null, finished_at: now() })

const firstPauseMs = 5 * 60 * 1000
const longestPauseMs = 6 * 60 * 60 * 1000

/** The next time is after ever longer pauses; who asked for it asks again. */
export async function stackFailed(tx: WriteTx, name: string, error: string): Promise<void> {
  const failures = ((await stackRow(tx, name))?.failures ?? 0) + 1
  const pause = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs)
  const next = new Date(Date.now() + pause).toISOString()
  await change(tx, name, { wanted_by: null, failures, error, next_at: next, finished_at: now() })
}

/** Ids of the images of stacks that builds were made on whose image is kept or serves. */
export async function stacksInUse(tx: ReadTx): Promise<ReadonlySet<string>> {
  const kept = await tx
    .selectFrom('builds')
    .leftJoin('releases', (join) =>
      join
        .onRef('releases.app_id', '=', 'builds.app_id')
        .onRef('releases.build_number', '=', 'builds.number')
        .on('releases.state', 'in', ['live', 'starting']),
    )
    .select('builds.stack')
    .where('builds.stack', 'is not', null)
    .where((or) => or.or([or('builds.kept', '=', 1), or('releases.id', 'is not', null)]))
    .distinct()
    .execute()
  return new Set(kept.flatMap(({ stack }) => stack ?? []))
}
