import type { Selectable } from 'kysely'
import type { Actor } from '../../model/policy.ts'
import type { AppRow } from './access.ts'
import type { ReleaseRow } from './releases.ts'
import type { ReadTx } from './store.ts'
import type { Tables } from './tables.ts'

/** What is known of an app's working at one moment. */
export type AppFacts = {
  readonly app: AppRow
  readonly team: string
  readonly live: ReleaseRow | undefined
  /** Live sets, each with how many of its instances are healthy. */
  readonly sets: readonly { readonly process: string; readonly count: number; readonly healthy: number }[]
  readonly busy: boolean
}

/** The apps that an actor sees, by name, in a fixed number of queries. */
export async function appsSeenBy(tx: ReadTx, actor: Actor): Promise<AppFacts[]> {
  const all = tx.selectFrom('apps').selectAll().orderBy('name')
  const apps = await (actor.role === 'admin' ? all : all.where('team_id', 'in', Object.keys(actor.teams))).execute()
  return await factsOf(tx, apps)
}

export async function factsOf(tx: ReadTx, apps: readonly AppRow[]): Promise<AppFacts[]> {
  const only = apps.length === 1 ? apps[0]?.id : undefined
  const teams = new Map((await tx.selectFrom('teams').selectAll().execute()).map(({ id, name }) => [id, name]))
  const releases = await liveReleases(tx, only)
  const sets = await liveSets(tx, only)
  const busy = await busyApps(tx)
  return apps.map((app) => ({
    app,
    team: teams.get(app.team_id) ?? '',
    live: releases.get(app.id),
    sets: sets.get(app.id) ?? [],
    busy: busy.has(app.id),
  }))
}

async function liveReleases(tx: ReadTx, only: string | undefined): Promise<Map<string, ReleaseRow>> {
  const all = tx.selectFrom('releases').selectAll().where('state', '=', 'live')
  const rows = await (only ? all.where('app_id', '=', only) : all).execute()
  return new Map(rows.map((row) => [row.app_id, row]))
}

async function liveSets(tx: ReadTx, only: string | undefined) {
  const all = tx
    .selectFrom('sets')
    .leftJoin('instances', (join) =>
      join
        .onRef('instances.set_id', '=', 'sets.id')
        .on('instances.state', '=', 'running')
        .on('instances.health', '=', 'healthy'),
    )
    .select((of) => ['sets.app_id', 'sets.process', 'sets.count', of.fn.count('instances.id').as('healthy')])
    .where('sets.role', '=', 'live')
    .groupBy('sets.id')
  const rows = await (only ? all.where('sets.app_id', '=', only) : all).execute()
  const sets = rows.map((row) => ({ ...row, healthy: Math.min(Number(row.healthy), row.count) }))
  return Map.groupBy(sets, ({ app_id }) => app_id)
}

async function busyApps(tx: ReadTx): Promise<Set<string | null>> {
  const rows = await tx
    .selectFrom('operations')
    .select('app_id')
    .where('state', 'in', ['queued', 'running'])
    .where('kind', 'in', ['deploy', 'env', 'rollback', 'restart', 'scale'])
    .execute()
  return new Set(rows.map(({ app_id }) => app_id))
}

export type SeenInstance = Selectable<Tables['instances']> & { readonly role: Tables['sets']['role'] | null }

/** All that agents saw of an app, the newest release first. */
export const instancesOfApp = (tx: ReadTx, name: string): Promise<SeenInstance[]> =>
  tx
    .selectFrom('instances')
    .leftJoin('sets', 'sets.id', 'instances.set_id')
    .selectAll('instances')
    .select('sets.role')
    .where('instances.app', '=', name)
    .orderBy('instances.release', 'desc')
    .orderBy('instances.process')
    .orderBy('instances.started_at')
    .execute()

/** Counts of the whole installation. */
export async function counts(tx: ReadTx) {
  const of = async (table: 'users' | 'teams' | 'apps' | 'releases' | 'instances') => {
    const row = await tx
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }
  return {
    users: await of('users'),
    teams: await of('teams'),
    apps: await of('apps'),
    releases: await of('releases'),
    instances: await of('instances'),
    openOperations: (
      await tx.selectFrom('operations').select('id').where('state', 'in', ['queued', 'running']).execute()
    ).length,
    healthyInstances: (await tx.selectFrom('instances').select('id').where('health', '=', 'healthy').execute()).length,
  }
}
