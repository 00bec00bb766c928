import type { Selectable } from 'kysely'
import type { Built } from '../../model/release.ts'
import type { Source } from '../../model/source.ts'
import type { OperationRow } from './access.ts'
import type { Cipher } from './cipher.ts'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type BuildRow = Selectable<Tables['builds']>

export type NewBuild = {
  readonly source: Source
  readonly revision: string | null
  readonly author: string | null
  readonly message: string
  readonly changelog: readonly string[]
}

/** The build of a deploy, queued once however often it is asked for. Its id is the operation's. */
export async function ensureBuild(tx: WriteTx, operation: OperationRow, build: NewBuild): Promise<BuildRow> {
  const known = await buildById(tx, operation.id)
  if (known) return known
  const appId = operation.app_id ?? ''
  return await tx
    .insertInto('builds')
    .values({
      id: operation.id,
      app_id: appId,
      team_id: operation.team_id,
      number: (await newestNumber(tx, appId)) + 1,
      operation_id: operation.id,
      state: 'queued',
      source: JSON.stringify(build.source),
      revision: build.revision,
      author: build.author ?? operation.author,
      requester: operation.author,
      message: build.message,
      changelog: JSON.stringify(build.changelog),
      recipe: null,
      stack: null,
      image: null,
      image_bytes: null,
      built: null,
      steps: '[]',
      attempts: 0,
      lease_owner: null,
      lease_until: null,
      error_code: null,
      error_message: null,
      pinned: 0,
      kept: 0,
      created_at: now(),
      started_at: null,
      finished_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function newestNumber(tx: ReadTx, appId: string): Promise<number> {
  const newest = await tx
    .selectFrom('builds')
    .select('number')
    .where('app_id', '=', appId)
    .orderBy('number', 'desc')
    .executeTakeFirst()
  return newest?.number ?? 0
}

export const buildById = (tx: ReadTx, id: string) =>
  tx.selectFrom('builds').selectAll().where('id', '=', id).executeTakeFirst()

export const buildByNumber = (tx: ReadTx, appId: string, number: number) =>
  tx.selectFrom('builds').selectAll().where('app_id', '=', appId).where('number', '=', number).executeTakeFirst()

/** Newest first; `before` is a number. */
export function listBuilds(tx: ReadTx, appId: string, limit: number, before?: number): Promise<BuildRow[]> {
  const all = tx.selectFrom('builds').selectAll().where('app_id', '=', appId).orderBy('number', 'desc').limit(limit)
  return (before === undefined ? all : all.where('number', '<', before)).execute()
}

/** The one that a changelog begins after. */
export const newestSuccess = (tx: ReadTx, appId: string) =>
  tx
    .selectFrom('builds')
    .selectAll()
    .where('app_id', '=', appId)
    .where('state', '=', 'succeeded')
    .orderBy('number', 'desc')
    .executeTakeFirst()

export const builtOf = (cipher: Cipher, row: Pick<BuildRow, 'id' | 'built'>): Built => {
  if (row.built === null) throw new Error(`build ${row.id} has no result`)
  return JSON.parse(cipher.open(row.built)) as Built
}

export const sourceOfBuild = (row: Pick<BuildRow, 'source'>) => JSON.parse(row.source) as Source

/** Numbers of the app's builds whose source may be built again: its newest success and the newest that was none. */
export async function sourcesToKeep(tx: ReadTx, appId: string): Promise<number[]> {
  const newest = await tx
    .selectFrom('builds')
    .select((of) => of.fn.max('number').as('number'))
    .where('app_id', '=', appId)
    .where('state', 'in', ['succeeded', 'failed', 'cancelled'])
    .groupBy((of) => of.eb('state', '=', 'succeeded'))
    .execute()
  return newest.map(({ number }) => Number(number))
}
