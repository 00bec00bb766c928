import type { Selectable } from 'kysely'
import { mostWaiting, noPreviews, type PreviewRules } from '../../model/preview.ts'
import { refuse } from '../../model/refusal.ts'
import type { AppRow } from './access.ts'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type PreviewRow = Selectable<Tables['previews']>

export async function previewRules(tx: ReadTx, appId: string): Promise<PreviewRules> {
  const row = await tx.selectFrom('preview_rules').selectAll().where('app_id', '=', appId).executeTakeFirst()
  if (!row) return noPreviews
  return {
    branches: JSON.parse(row.branches) as string[],
    pulls: row.pulls === 1,
    idleSeconds: row.idle_seconds,
    most: row.most,
    secrets: row.secrets === 1,
  }
}

export async function setPreviewRules(tx: WriteTx, appId: string, rules: PreviewRules): Promise<void> {
  const values = {
    branches: JSON.stringify(rules.branches),
    pulls: rules.pulls ? 1 : 0,
    idle_seconds: rules.idleSeconds,
    most: rules.most,
    secrets: rules.secrets ? 1 : 0,
  } as const
  await tx
    .insertInto('preview_rules')
    .values({ app_id: appId, ...values })
    .onConflict((conflict) => conflict.column('app_id').doUpdateSet(values))
    .execute()
}

/** Newest first. */
export const previewsOf = (tx: ReadTx, parentId: string): Promise<PreviewRow[]> =>
  tx.selectFrom('previews').selectAll().where('parent_id', '=', parentId).orderBy('created_at', 'desc').execute()

export const isPreview = ({ parent_id }: Pick<AppRow, 'parent_id'>) => parent_id !== null

export async function previewNamed(tx: ReadTx, parent: AppRow, name: string): Promise<PreviewRow> {
  const row = (await previewsOf(tx, parent.id)).find((one) => one.name === name)
  return row ?? refuse('NOT_FOUND', `preview of ${parent.name}`, name)
}

type Which = { readonly branch: string; readonly pull: number | null; readonly fork: string | null }

/** That of the pull request; else that of the branch, which the pull request may have been opened from. */
export async function previewFor(tx: ReadTx, parentId: string, which: Which): Promise<PreviewRow | undefined> {
  const rows = await previewsOf(tx, parentId)
  const ofPull = rows.find(({ pull }) => which.pull !== null && pull === which.pull)
  if (ofPull || which.fork !== null) return ofPull
  return rows.find(({ branch, fork, pull }) => {
    const isFree = pull === null || which.pull === null
    return fork === null && branch === which.branch && isFree
  })
}

export const changePreview = (tx: WriteTx, id: string, change: Partial<PreviewRow>) =>
  tx.updateTable('previews').set(change).where('id', '=', id).execute()

/** A deploy of a preview, by whatever way: its time begins anew. */
export const notePreviewUsed = (tx: WriteTx, appId: string) =>
  tx.updateTable('previews').set({ used_at: now() }).where('app_id', '=', appId).execute()

export const forgetPreview = (tx: WriteTx, id: string) => tx.deleteFrom('previews').where('id', '=', id).execute()

/** The newest of those that nobody has approved stay. */
export async function dropOldWaiting(tx: WriteTx, parentId: string): Promise<void> {
  const waiting = (await previewsOf(tx, parentId)).filter(({ app_id }) => app_id === null)
  for (const { id } of waiting.slice(mostWaiting)) await forgetPreview(tx, id)
}

/** When it goes unless it is deployed again; null for never. */
export function expiryOf({ used_at, idle_seconds }: Pick<PreviewRow, 'used_at' | 'idle_seconds'>): string | null {
  return idle_seconds === null ? null : new Date(Date.parse(used_at) + idle_seconds * 1000).toISOString()
}

/** Apps that are previews and have had their time, or whose parent is gone or goes. */
export async function endedPreviews(tx: ReadTx, at: string): Promise<{ app: AppRow; reason: string }[]> {
  const apps = await tx
    .selectFrom('apps')
    .selectAll()
    .where('parent_id', 'is not', null)
    .where('destroying', '=', 0)
    .execute()
  if (apps.length === 0) return []
  const alive = await tx.selectFrom('apps').select('id').where('destroying', '=', 0).execute()
  const parents = new Set(alive.map(({ id }) => id))
  const rows = await tx.selectFrom('previews').selectAll().where('app_id', 'is not', null).execute()
  const expiries = new Map(rows.map((row) => [row.app_id, expiryOf(row)]))
  return apps.flatMap((app) => {
    if (!parents.has(app.parent_id ?? '')) return [{ app, reason: 'the end of its app' }]
    const expiry = expiries.get(app.id) ?? null
    return expiry !== null && expiry <= at ? [{ app, reason: 'its age' }] : []
  })
}

/** Of pull requests that nobody approved in all that time. */
export async function forgetOldWaiting(tx: WriteTx, at: string): Promise<void> {
  const rows = await tx.selectFrom('previews').selectAll().where('app_id', 'is', null).execute()
  for (const row of rows) if ((expiryOf(row) ?? at) < at) await forgetPreview(tx, row.id)
}
