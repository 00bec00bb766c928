import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type PreviewRules, wantsBranch } from '../../model/preview.ts'
import { Refusal } from '../../model/refusal.ts'
import { type AppRow, authorizeApp } from '../store/access.ts'
import { newestSuccess } from '../store/builds.ts'
import { record } from '../store/events.ts'
import { closePreview, openPreview } from '../store/openPreview.ts'
import { newOperationId, requestOperation } from '../store/operations.ts'
import { isPreview, previewFor, previewRules } from '../store/previews.ts'
import type { WriteTx } from '../store/store.ts'
import type { GitContext } from './context.ts'
import { changelogOf } from './describe.ts'
import type { GitOptions } from './gitProcess.ts'
import type { Update } from './planPush.ts'
import type { Push } from './pushes.ts'
import { readSource, type Source } from './readSource.ts'
import { alarm, detail, step, type Terminal } from './terminal.ts'
import { writeSource } from './writeSource.ts'

type Pushed = {
  readonly app: AppRow
  readonly push: Pick<Push, 'actor' | 'from'>
  /** Those that do not deploy the app itself. */
  readonly updates: readonly Update[]
  /** Of a push that brings objects. */
  readonly options: () => GitOptions
  readonly terminal: Terminal
}

/** Each pushed branch that the app has previews for gets one. What comes of them never rejects the push. */
export async function previewPushed(pushed: Pushed, ctx: GitContext): Promise<void> {
  const { app, updates, terminal } = pushed
  if (isPreview(app)) return
  const rules = await ctx.store.read((tx) => previewRules(tx, app.id))
  for (const update of updates) {
    try {
      await follow(pushed, update, rules, ctx)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      terminal.line(alarm(`no preview: ${error.message}`))
    }
  }
}

async function follow(pushed: Pushed, update: Update, rules: PreviewRules, ctx: GitContext): Promise<void> {
  const branch = /^refs\/heads\/(.+)$/.exec(update.ref)?.[1]
  if (branch === undefined) return
  if (/^0+$/.test(update.to)) return await end(pushed, branch, ctx)
  if (!wantsBranch(rules, branch)) return
  const { id, name } = await deploy(pushed, { branch, commit: update.to }, ctx)
  pushed.terminal.line(step(`Preview of ${branch}: ${ctx.urlOf(name)}`))
  pushed.terminal.line(detail(`follow with: berth operation follow ${id}`))
}

type Tip = { readonly branch: string; readonly commit: string }

/** The files are on disk before the operation exists, as those of any push. */
async function deploy({ app, push, options: seen, terminal }: Pushed, { branch, commit }: Tip, ctx: GitContext) {
  const options = seen()
  const source = await readSource(commit, ctx.limits, options, app.folder)
  for (const warning of source.warnings) terminal.line(alarm(warning))
  const id = newOperationId()
  const folder = join(ctx.builds, id)
  await writeSource(commit, folder, options, app.folder)
  try {
    const input = { ...inputOf(source), changelog: await changelog(app, { branch, commit }, options, ctx) }
    const name = await ctx.store.write(['apps', 'operations'], async (tx) => {
      const parent = await authorizeApp(tx, push.actor, 'app:deploy', app.name)
      const wish = { branch, pull: null, fork: null, commit, message: source.subject, author: push.actor.name }
      const { preview, app: made } = await openPreview(tx, parent, wish)
      if (!made) throw new Error(`preview ${preview.name} waits, and is of no fork`)
      await requestOperation(tx, made, input, push.actor.name, id)
      await note(tx, { app: made, push }, 'createPreview')
      return made.name
    })
    return { id, name }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

const inputOf = ({ commit, subject: message, author }: Source) =>
  ({ kind: 'deploy', source: { kind: 'git' }, commit, message, ...(author && { author }) }) as const

/** Since its last build, or since that of the app. */
async function changelog({ id }: AppRow, { branch, commit }: Tip, options: GitOptions, { store }: GitContext) {
  const since = await store.read(async (tx) => {
    const preview = await previewFor(tx, id, { branch, pull: null, fork: null })
    const before = (await newestSuccess(tx, preview?.app_id ?? id)) ?? (await newestSuccess(tx, id))
    return before?.revision ?? null
  })
  return await changelogOf(commit, since, options)
}

async function end({ app, push, terminal }: Pushed, branch: string, { store }: GitContext): Promise<void> {
  const ended = await store.write(['apps', 'operations'], async (tx) => {
    const parent = await authorizeApp(tx, push.actor, 'app:deploy', app.name)
    const preview = await previewFor(tx, parent.id, { branch, pull: null, fork: null })
    if (!preview) return undefined
    await closePreview(tx, preview, push.actor.name)
    await note(tx, { app: { ...parent, name: preview.name }, push }, 'removePreview')
    return preview.name
  })
  if (ended !== undefined) terminal.line(step(`Preview ${ended} goes`))
}

type About = Pick<Pushed, 'app' | 'push'>

const note = (tx: WriteTx, { app, push: { actor, from } }: About, action: string) =>
  record(tx, actor, { action, target: `app ${app.name}`, teamId: app.team_id, source: from, result: 'ok' })
