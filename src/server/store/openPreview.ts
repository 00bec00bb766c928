import { createHash } from 'node:crypto'
import { most, refuseMore } from '../../model/limits.ts'
import { appName } from '../../model/names.ts'
import { isApproved, type PreviewRules, previewNames } from '../../model/preview.ts'
import { refuse } from '../../model/refusal.ts'
import type { AppRow, OperationRow } from './access.ts'
import { countApps, createApp } from './apps.ts'
import { copyConfiguration } from './clone.ts'
import { now, randomId } from './ids.ts'
import { requestDestroy, requestOperation } from './operations.ts'
import {
  changePreview,
  dropOldWaiting,
  forgetPreview,
  isPreview,
  type PreviewRow,
  previewFor,
  previewRules,
  previewsOf,
} from './previews.ts'
import { deployOf, sourceOf } from './sources.ts'
import type { ReadTx, WriteTx } from './store.ts'

/** What a preview is wanted of. */
export type PreviewWish = {
  readonly branch: string
  /** Number of the pull request, where there is one. */
  readonly pull: number | null
  /** The repository that it comes from, where that is not the app's own. */
  readonly fork: string | null
  readonly commit: string | null
  readonly message: string
  readonly author: string
  readonly webUrl?: string | null
  readonly hook?: { readonly id: string; readonly project: string }
  /** Unless given, as the app's rules say. */
  readonly idleSeconds?: number | null | undefined
}

/** Without an app, it waits for approval. */
export type Opened = { readonly preview: PreviewRow; readonly app: AppRow | undefined }

/** The preview of a branch or a pull request, made where there is none. Nothing is deployed by this. */
export async function openPreview(tx: WriteTx, parent: AppRow, wish: PreviewWish): Promise<Opened> {
  if (isPreview(parent)) refuse('STATE', parent.name, 'make a preview of', 'one itself', 'an app of its own')
  const rules = await previewRules(tx, parent.id)
  const known = await previewFor(tx, parent.id, wish)
  if (known && known.fork !== wish.fork) refuse('NAME_TAKEN', 'preview', known.name)
  if (wish.fork === null && !known?.app_id) await refuseFull(tx, parent, rules)
  const preview = await noted(tx, parent, wish, known, rules)
  if (!isApproved(preview, wish.commit)) {
    await dropOldWaiting(tx, parent.id)
    return { preview, app: undefined }
  }
  return { preview, app: await appOfPreview(tx, parent, preview, rules) }
}

async function noted(
  tx: WriteTx,
  parent: AppRow,
  wish: PreviewWish,
  known: PreviewRow | undefined,
  rules: PreviewRules,
): Promise<PreviewRow> {
  const { branch, commit, message, author, hook, webUrl = null } = wish
  const seen = {
    branch,
    commit_id: commit,
    message: message.slice(0, 200),
    author: author.slice(0, 200),
    used_at: now(),
    ...(wish.pull !== null && { pull: wish.pull, web_url: webUrl }),
    ...(hook && { hook_id: hook.id, project: hook.project }),
    ...(wish.idleSeconds !== undefined && { idle_seconds: wish.idleSeconds }),
  }
  if (known) {
    await changePreview(tx, known.id, seen)
    return { ...known, ...seen }
  }
  const fresh = { pull: null, web_url: null, hook_id: null, project: null, idle_seconds: rules.idleSeconds, ...seen }
  const approval = wish.fork === null ? 'none' : 'needed'
  const own = { fork: wish.fork, approval, approved_by: null, with_secrets: 0, app_id: null } as const
  const name = await freeName(tx, parent, wish)
  return await tx
    .insertInto('previews')
    .values({ id: randomId(), parent_id: parent.id, name, ...own, ...fresh, created_at: now() })
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function freeName(tx: ReadTx, parent: AppRow, wish: PreviewWish): Promise<string> {
  const mark = createHash('sha256').update(`${wish.branch} ${wish.pull} ${wish.fork}`).digest('hex').slice(0, 6)
  const names = previewNames(parent.name, wish, mark)
  const taken = new Set((await previewsOf(tx, parent.id)).map(({ name }) => name))
  for (const name of names) {
    const app = await tx.selectFrom('apps').select('id').where('name', '=', name).executeTakeFirst()
    if (!app && !taken.has(name)) return name
  }
  return refuse('NAME_TAKEN', 'app', names.at(-1) ?? '')
}

async function appOfPreview(tx: WriteTx, parent: AppRow, preview: PreviewRow, rules: PreviewRules): Promise<AppRow> {
  if (preview.app_id !== null) {
    return await tx.selectFrom('apps').selectAll().where('id', '=', preview.app_id).executeTakeFirstOrThrow()
  }
  await refuseFull(tx, parent, rules)
  const app = await createApp(tx, appName(preview.name), parent.team_id)
  await tx.updateTable('apps').set({ parent_id: parent.id }).where('id', '=', app.id).execute()
  const mayHaveSecrets = preview.fork === null ? rules.secrets : preview.with_secrets === 1
  await copyConfiguration(tx, parent, app, mayHaveSecrets ? 'all variables' : 'variables but secrets')
  await keepSmall(tx, app, preview, mayHaveSecrets)
  await changePreview(tx, preview.id, { app_id: app.id })
  return await tx.selectFrom('apps').selectAll().where('id', '=', app.id).executeTakeFirstOrThrow()
}

async function refuseFull(tx: ReadTx, parent: AppRow, rules: PreviewRules): Promise<void> {
  const running = (await previewsOf(tx, parent.id)).filter(({ app_id }) => app_id !== null)
  refuseMore(`previews of ${parent.name}`, running.length, rules.most)
  refuseMore('apps of the team', await countApps(tx, parent.team_id), most.appsOfTeam)
}

/** One instance of each process at most; nothing of its own accord; and what may hold passwords only with the secrets. */
async function keepSmall(tx: WriteTx, app: AppRow, { branch }: PreviewRow, mayHaveSecrets: boolean): Promise<void> {
  const change = { deploy_branch: branch, ...(!mayHaveSecrets && { metadata: null }) }
  await tx.updateTable('apps').set(change).where('id', '=', app.id).execute()
  await tx.updateTable('scales').set({ count: 1 }).where('app_id', '=', app.id).where('count', '>', 1).execute()
  await tx
    .updateTable('sources')
    .set({ ref: branch, poll_seconds: null, next_check_at: null, revision: null })
    .where('app_id', '=', app.id)
    .execute()
  if (!mayHaveSecrets) await tx.deleteFrom('registries').where('app_id', '=', app.id).execute()
}

/** The app of one that was just approved. */
export async function resumePreview(tx: WriteTx, parent: AppRow, preview: PreviewRow) {
  const app = await appOfPreview(tx, parent, preview, await previewRules(tx, parent.id))
  await changePreview(tx, preview.id, { used_at: now() })
  return { preview, app }
}

/** Deploys a preview from where its code is: the repository of its parent, or what was pushed to that. */
export async function deployPreview(
  tx: WriteTx,
  parent: AppRow,
  { preview, app }: Opened & { readonly app: AppRow },
  by: string,
): Promise<OperationRow> {
  const { branch, commit_id: commit, message } = preview
  const source = await sourceOf(tx, app.id)
  const ref = commit ?? branch
  const input = source
    ? deployOf(source, { ref, message, ...(commit !== null && { commit }) })
    : ({ kind: 'deploy', source: { kind: 'branch', app: parent.name, ref }, commit, message } as const)
  return await requestOperation(tx, app, input, by)
}

/** Ends a preview; one that only waits is forgotten. */
export async function closePreview(tx: WriteTx, preview: PreviewRow, by: string): Promise<OperationRow | undefined> {
  if (preview.app_id === null) {
    await forgetPreview(tx, preview.id)
    return undefined
  }
  const app = await tx.selectFrom('apps').selectAll().where('id', '=', preview.app_id).executeTakeFirstOrThrow()
  return app.destroying ? undefined : await requestDestroy(tx, app, by)
}
