import type { AppRow } from './access.ts'
import { envRows } from './env.ts'
import { now, randomId } from './ids.ts'
import { secretNames } from './secrets.ts'
import type { ReadTx, WriteTx } from './store.ts'

type Copied = 'all variables' | 'variables but secrets' | 'no variables'

/**
 * What is wanted of one app becomes what is wanted of another; values stay sealed. Host names and hooks are not taken along;
 * without variables, what else is secret does not come into another team.
 */
export async function copyConfiguration(tx: WriteTx, from: AppRow, to: AppRow, which: Copied): Promise<void> {
  await copySettings(tx, from, to)
  if (which !== 'no variables') await copyVariables(tx, from, to, which === 'all variables')
  const withSecrets = which !== 'no variables' || from.team_id === to.team_id
  await copySource(tx, from, to, withSecrets)
  if (!withSecrets) await tx.updateTable('apps').set({ metadata: null }).where('id', '=', to.id).execute()
}

/** Columns that are the app itself; all others are settings. */
async function copySettings(tx: WriteTx, from: AppRow, to: AppRow): Promise<void> {
  const { id, name, team_id, created_at, destroying, parent_id, ...settings } = from
  await tx.updateTable('apps').set(settings).where('id', '=', to.id).execute()
  const scales = await tx.selectFrom('scales').selectAll().where('app_id', '=', id).execute()
  await insertAll(tx, 'scales', scales, to)
}

async function copyVariables(tx: WriteTx, from: AppRow, to: AppRow, withSecrets: boolean): Promise<void> {
  const secrets = await secretNames(tx, from.id)
  const rows = (await envRows(tx, from.id)).filter(({ name }) => withSecrets || !secrets.has(name))
  await insertAll(tx, 'env', rows, to)
  const marked = [...secrets].map((name) => ({ app_id: from.id, name }))
  await insertAll(tx, 'secret_names', marked, to)
}

/** With what opens it, if wanted: whoever clones may deploy from it already. */
async function copySource(tx: WriteTx, from: AppRow, to: AppRow, withSecrets: boolean): Promise<void> {
  const sources = await tx.selectFrom('sources').selectAll().where('app_id', '=', from.id).execute()
  if (!withSecrets) return await insertAll(tx, 'sources', sources.map(locked), to)
  await insertAll(tx, 'sources', sources, to)
  const keys = await tx.selectFrom('deploy_keys').selectAll().where('app_id', '=', from.id).execute()
  await insertAll(tx, 'deploy_keys', keys, to)
  const registries = await tx.selectFrom('registries').selectAll().where('app_id', '=', from.id).execute()
  const own = registries.map((row) => ({ ...row, id: randomId(), team_id: to.team_id, created_at: now() }))
  await insertAll(tx, 'registries', own, to)
}

const locked = <S extends { secret: string | null }>(source: S): S => ({ ...source, secret: null })

type OfApp = 'scales' | 'env' | 'secret_names' | 'sources' | 'deploy_keys' | 'registries'

async function insertAll(tx: WriteTx, table: OfApp, rows: readonly { app_id: string | null }[], to: AppRow) {
  const own = rows.map((row) => ({ ...row, app_id: to.id }))
  if (own.length > 0) await tx.insertInto(table).values(own).execute()
}

/** The newest release that serves, with what its build tells of it. */
export async function servingImage(tx: ReadTx, app: AppRow) {
  return await tx
    .selectFrom('releases')
    .leftJoin('builds', (join) =>
      join.onRef('builds.app_id', '=', 'releases.app_id').onRef('builds.number', '=', 'releases.build_number'),
    )
    .selectAll('releases')
    .select(['builds.message', 'builds.author as commit_author', 'builds.changelog'])
    .where('releases.app_id', '=', app.id)
    .where('releases.state', '=', 'live')
    .executeTakeFirst()
}
