import type { AppName, HostName } from '../../model/names.ts'
import { refuse } from '../../model/refusal.ts'
import type { Scale } from '../../model/release.ts'
import type { AppRow } from './access.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'

export async function createApp(tx: WriteTx, name: AppName, teamId: string): Promise<AppRow> {
  const taken = await tx.selectFrom('apps').select('id').where('name', '=', name).executeTakeFirst()
  if (taken) return refuse('NAME_TAKEN', 'app', name)
  return await tx
    .insertInto('apps')
    .values({ id: randomId(), name, team_id: teamId, deploy_branch: null, created_at: now(), destroying: 0 })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export const appById = (tx: ReadTx, id: string): Promise<AppRow> =>
  tx.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

export async function countApps(tx: ReadTx, teamId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('apps')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export type Env = Readonly<Record<string, string>>

/** Wanted scales by process; a process without a row has the default. */
export async function scalesOf(tx: ReadTx, appId: string): Promise<Readonly<Record<string, Scale>>> {
  const rows = await tx.selectFrom('scales').selectAll().where('app_id', '=', appId).execute()
  return Object.fromEntries(
    rows.map((row) => [row.process, { count: row.count, memoryMb: row.memory_mb, cpu: row.cpu }]),
  )
}

export async function setScale(tx: WriteTx, appId: string, process: string, scale: Scale): Promise<void> {
  const values = { count: scale.count, memory_mb: scale.memoryMb, cpu: scale.cpu }
  await tx
    .insertInto('scales')
    .values({ app_id: appId, process, ...values })
    .onConflict((conflict) => conflict.columns(['app_id', 'process']).doUpdateSet(values))
    .execute()
}

/** Extra host names of an app, oldest first. */
export async function domainsOf(tx: ReadTx, appId: string): Promise<string[]> {
  const rows = await tx.selectFrom('domains').select('name').where('app_id', '=', appId).orderBy('created_at').execute()
  return rows.map(({ name }) => name)
}

export const domainRows = (tx: ReadTx, appId: string) =>
  tx.selectFrom('domains').selectAll().where('app_id', '=', appId).orderBy('created_at').execute()

export async function addDomain(tx: WriteTx, appId: string, name: HostName) {
  const taken = await tx.selectFrom('domains').select('app_id').where('name', '=', name).executeTakeFirst()
  if (taken) refuse('DOMAIN_TAKEN', name)
  const row = { name, app_id: appId, created_at: now() }
  await tx.insertInto('domains').values(row).execute()
  return row
}

export async function removeDomain(tx: WriteTx, appId: string, name: HostName): Promise<void> {
  const { numDeletedRows } = await tx
    .deleteFrom('domains')
    .where('app_id', '=', appId)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) refuse('NOT_FOUND', 'domain', name)
}

/** The host name that an app has of itself. */
export const defaultHost = (app: string, domain: string) => `${app}.${domain}`
