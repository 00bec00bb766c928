import type { Selectable } from 'kysely'
import type { Formation } from '../../model/release.ts'
import { namesOfScope, runValues, type Variables, withScope } from '../../model/variables.ts'
import type { Env } from './apps.ts'
import type { Cipher } from './cipher.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type ReleaseRow = Selectable<Tables['releases']>

export type NewRelease = {
  readonly appId: string
  readonly image: string
  readonly formation: Formation
  /** All of the app; a release holds those that its containers see. */
  readonly variables: Variables
  readonly commit: string | null
  readonly reason: string
  readonly author: string
  readonly operationId: string
  /** The build that its image came from. */
  readonly build?: number | null
}

/** Numbers grow by one per app and are never used twice. */
export async function createRelease(tx: WriteTx, cipher: Cipher, release: NewRelease): Promise<ReleaseRow> {
  const newest = await newestRelease(tx, release.appId)
  const number = (newest?.number ?? 0) + 1
  await tx.updateTable('operations').set({ release_number: number }).where('id', '=', release.operationId).execute()
  return await tx
    .insertInto('releases')
    .values({
      id: randomId(),
      app_id: release.appId,
      number,
      state: 'starting',
      image: release.image,
      formation: JSON.stringify(release.formation),
      env: cipher.seal(JSON.stringify(runValues(release.variables))),
      both_names: JSON.stringify(namesOfScope(release.variables, 'both')),
      commit_id: release.commit,
      reason: release.reason,
      author: release.author,
      operation_id: release.operationId,
      created_at: now(),
      build_number: release.build ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export const formationOf = (release: ReleaseRow) => JSON.parse(release.formation) as Formation

/** What its containers see. */
export const releaseEnv = (cipher: Cipher, release: ReleaseRow) => JSON.parse(cipher.open(release.env)) as Env

/** The same with their scopes. */
export function releaseVariables(cipher: Cipher, release: ReleaseRow): Variables {
  const both = JSON.parse(release.both_names) as string[]
  return withScope(releaseEnv(cipher, release), (name) => (both.includes(name) ? 'both' : 'run'))
}

const newestRelease = (tx: ReadTx, appId: string) =>
  tx.selectFrom('releases').selectAll().where('app_id', '=', appId).orderBy('number', 'desc').executeTakeFirst()

export const liveRelease = (tx: ReadTx, appId: string) =>
  tx.selectFrom('releases').selectAll().where('app_id', '=', appId).where('state', '=', 'live').executeTakeFirst()

export const releaseByNumber = (tx: ReadTx, appId: string, number: number) =>
  tx.selectFrom('releases').selectAll().where('app_id', '=', appId).where('number', '=', number).executeTakeFirst()

export const releaseOfOperation = (tx: ReadTx, operationId: string) =>
  tx.selectFrom('releases').selectAll().where('operation_id', '=', operationId).executeTakeFirst()

/** Newest first; `before` is a number. */
export function listReleases(tx: ReadTx, appId: string, limit: number, before?: number): Promise<ReleaseRow[]> {
  const all = tx.selectFrom('releases').selectAll().where('app_id', '=', appId).orderBy('number', 'desc').limit(limit)
  return (before === undefined ? all : all.where('number', '<', before)).execute()
}

/** The newest that served and no longer does. */
export const previousRelease = (tx: ReadTx, appId: string) =>
  tx
    .selectFrom('releases')
    .selectAll()
    .where('app_id', '=', appId)
    .where('state', '=', 'superseded')
    .orderBy('number', 'desc')
    .executeTakeFirst()

/** This one serves, whichever did before. */
export async function makeLive(tx: WriteTx, release: ReleaseRow): Promise<void> {
  await tx
    .updateTable('releases')
    .set({ state: 'superseded' })
    .where('app_id', '=', release.app_id)
    .where('state', '=', 'live')
    .execute()
  await tx.updateTable('releases').set({ state: 'live' }).where('id', '=', release.id).execute()
}

export const failRelease = (tx: WriteTx, operationId: string) =>
  tx
    .updateTable('releases')
    .set({ state: 'failed' })
    .where('operation_id', '=', operationId)
    .where('state', '=', 'starting')
    .execute()

/** Numbers of the releases that run what a build made, newest first. */
export async function releasesOfBuild(tx: ReadTx, appId: string, build: number): Promise<number[]> {
  const rows = await tx
    .selectFrom('releases')
    .select('number')
    .where('app_id', '=', appId)
    .where('build_number', '=', build)
    .orderBy('number', 'desc')
    .limit(100)
    .execute()
  return rows.map(({ number }) => number)
}
