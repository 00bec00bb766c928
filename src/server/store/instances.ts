import type { Selectable } from 'kysely'
import type { Instance } from '../../model/instance.ts'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type InstanceRow = Selectable<Tables['instances']>
export type RouterRow = Selectable<Tables['routers']>

export type RouterSeen = {
  readonly revision: number
  readonly routed: readonly string[]
  readonly busy: Readonly<Record<string, number>>
}

/** Makes the rows of one node exactly what its agent saw. */
export async function replaceSeen(tx: WriteTx, node: string, instances: readonly Instance[], router: RouterSeen) {
  await tx.deleteFrom('instances').where('node', '=', node).execute()
  for (const chunk of chunksOf(instances.map(rowOf), 500)) await tx.insertInto('instances').values(chunk).execute()
  const seen = {
    revision: router.revision,
    routed: JSON.stringify(router.routed),
    busy: JSON.stringify(router.busy),
    seen_at: now(),
  }
  await tx
    .insertInto('routers')
    .values({ node, ...seen })
    .onConflict((conflict) => conflict.column('node').doUpdateSet(seen))
    .execute()
}

export const instancesOfSets = async (tx: ReadTx, setIds: readonly string[]): Promise<InstanceRow[]> =>
  setIds.length === 0
    ? []
    : await tx.selectFrom('instances').selectAll().where('set_id', 'in', setIds).orderBy('started_at').execute()

export const routers = (tx: ReadTx) => tx.selectFrom('routers').selectAll().execute()

const rowOf = ({ set, exitCode, oomKilled, startedAt, finishedAt, ...same }: Instance) => ({
  ...same,
  set_id: set,
  exit_code: exitCode,
  oom_killed: oomKilled ? (1 as const) : (0 as const),
  started_at: startedAt,
  finished_at: finishedAt,
})

function* chunksOf<T>(items: readonly T[], size: number) {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
