import type { Selectable } from 'kysely'
import type { Scale } from '../../model/release.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { SetRole, Tables } from './tables.ts'

export type SetRow = Selectable<Tables['sets']>

export type NewSet = {
  readonly appId: string
  readonly app: string
  readonly cluster: string
  readonly release: number
  readonly process: string
  readonly scale: Scale
  readonly operationId: string
}

/** Wanted, not yet started: the services reconciler makes it a Swarm service. */
export async function createSet(tx: WriteTx, set: NewSet): Promise<void> {
  const id = randomId()
  await tx
    .insertInto('sets')
    .values({
      id,
      app_id: set.appId,
      release_number: set.release,
      process: set.process,
      count: set.scale.count,
      memory_mb: set.scale.memoryMb,
      cpu: set.scale.cpu,
      service: serviceName(set, id),
      role: 'starting',
      operation_id: set.operationId,
      created_at: now(),
      draining_since: null,
      note: '',
    })
    .execute()
}

/** Swarm takes 63 characters at most; what is cut is still told apart by the id. */
function serviceName({ cluster, app, process, release }: NewSet, id: string): string {
  const tail = `-v${release}-${id.slice(0, 6)}`
  return `${`${cluster}-${app}-${process.replaceAll('_', '-')}`.slice(0, 63 - tail.length)}${tail}`
}

export const setsOfApp = (tx: ReadTx, appId: string) =>
  tx
    .selectFrom('sets')
    .selectAll()
    .where('app_id', '=', appId)
    .where('role', '!=', 'gone')
    .orderBy('created_at')
    .execute()

/** Even one whose service is still to be removed. */
export const hasSets = async (tx: ReadTx, appId: string) =>
  (await tx.selectFrom('sets').select('id').where('app_id', '=', appId).executeTakeFirst()) !== undefined

export const drainingSets = (tx: ReadTx) => tx.selectFrom('sets').selectAll().where('role', '=', 'draining').execute()

export const setsOfOperation = (tx: ReadTx, operationId: string) =>
  tx.selectFrom('sets').selectAll().where('operation_id', '=', operationId).where('role', '!=', 'gone').execute()

export async function setRole(tx: WriteTx, ids: readonly string[], role: SetRole): Promise<void> {
  if (ids.length === 0) return
  const draining = role === 'draining' ? { draining_since: now() } : {}
  await tx
    .updateTable('sets')
    .set({ role, ...draining })
    .where('id', 'in', ids)
    .execute()
}

/** All that have, or should have, a Swarm service, with what it takes to make one. */
export const allSets = (tx: ReadTx) =>
  tx
    .selectFrom('sets')
    .innerJoin('apps', 'apps.id', 'sets.app_id')
    .selectAll('sets')
    .select(['apps.name as app', 'apps.team_id as team_id'])
    .execute()

export const noteSet = (tx: WriteTx, id: string, note: string) =>
  tx.updateTable('sets').set({ note }).where('id', '=', id).execute()

export const forgetSet = (tx: WriteTx, id: string) =>
  tx.deleteFrom('sets').where('id', '=', id).where('role', '=', 'gone').execute()
