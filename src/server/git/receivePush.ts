import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '../../model/policy.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import { concerns } from '../../model/watch.ts'
import { type AppRow, authorizeApp, type OperationRow } from '../store/access.ts'
import { newestSuccess } from '../store/builds.ts'
import { record } from '../store/events.ts'
import { newOperationId, requestOperation } from '../store/operations.ts'
import { actorById } from '../store/people.ts'
import { watchOf } from '../store/sources.ts'
import type { GitContext } from './context.ts'
import { changelogOf } from './describe.ts'
import { followDeploy } from './followDeploy.ts'
import { type GitOptions, git } from './gitProcess.ts'
import { parseUpdates, planPush, type Update } from './planPush.ts'
import type { Push } from './pushes.ts'
import { previewPushed } from './pushPreviews.ts'
import { readSource, type Source } from './readSource.ts'
import { alarm, detail, step, type Terminal, withHeartbeat } from './terminal.ts'
import { writeSource } from './writeSource.ts'

/** What git's pre-receive hook hands over, and how it is let go: `accept` makes git move the refs. */
export type Incoming = {
  readonly updates: string
  readonly quarantine: string
  readonly terminal: Terminal
  accept(): Promise<void>
}

type Deploy = Update & { readonly branch: string }

/** A push, from its refs to a running release. Throws the refusal that rejects it; no ref has moved then. */
export async function receivePush(push: Push, incoming: Incoming, ctx: GitContext): Promise<void> {
  const app = await appFor(push, ctx)
  const updates = parseUpdates(incoming.updates)
  const { deploy, notes } = planPush(updates, app.deploy_branch)
  for (const note of notes) incoming.terminal.line(step(note))
  const options = () => quarantined(push, incoming.quarantine, ctx)
  const others = updates.filter(({ ref }) => ref !== deploy?.ref)
  if (!deploy) {
    await previewPushed({ app, push, updates: others, options, terminal: incoming.terminal }, ctx)
    return await incoming.accept()
  }
  incoming.terminal.line(step(`Berth received ${deploy.to.slice(0, 7)} for ${app.name}`))
  const git = options()
  if (await isUnwatched(app, deploy, git)) return await store(app, incoming)
  const source = await readSource(deploy.to, ctx.limits, git, app.folder)
  for (const warning of source.warnings) incoming.terminal.line(alarm(warning))
  const operation = await requestDeploy(push, source, git, ctx)
  incoming.terminal.line(detail(`follow with: berth operation follow ${operation}`))
  await untilDeployed(app, operation, incoming.terminal, ctx)
  await previewPushed({ app, push, updates: others, options, terminal: incoming.terminal }, ctx)
  await land(push, app, deploy, incoming, ctx)
}

/** Of a push that deploys: whether nothing in it is watched. What cannot be compared counts as changed. */
async function isUnwatched(app: AppRow, { from, to }: Deploy, options: GitOptions): Promise<boolean> {
  const watch = watchOf(app)
  if (watch.length === 0 || /^0+$/.test(from)) return false
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to]
  const said = await git(args, { ...options, limit: mostPathBytes }).catch(() => undefined)
  if (said === undefined || said.length > mostPathBytes) return false
  return !concerns(watch, said.toString('utf8').split('\0').filter(Boolean))
}

const mostPathBytes = 20_000_000

async function store(app: AppRow, incoming: Incoming) {
  const watch = watchOf(app).join(', ')
  incoming.terminal.line(step(`Stored, and not deployed: nothing that ${app.name} watches changed (${watch})`))
  await incoming.accept()
}

/** Rights may have changed since the connection was opened. */
async function appFor({ actor, repository }: Push, { store }: GitContext): Promise<AppRow> {
  return await store.read(async (tx) => authorizeApp(tx, await current(tx, actor), 'app:deploy', repository.app))
}

async function current(tx: Parameters<typeof actorById>[0], { id }: Actor): Promise<Actor> {
  return (await actorById(tx, id)) ?? refuse('UNAUTHENTICATED')
}

/** The objects of the push are not in the repository yet, but in a folder that git names. */
function quarantined({ repository }: Push, quarantine: string, { user }: GitContext): GitOptions {
  const name = basename(quarantine)
  if (!/^[\w.-]*incoming-[\w-]+$/.test(name)) refuse('SOURCE', 'git did not say where the pushed objects are')
  const objects = join(repository.path, 'objects')
  const env = {
    GIT_DIR: repository.path,
    GIT_OBJECT_DIRECTORY: join(objects, name),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
  }
  return { user, env, cwd: repository.path }
}

/** The source is on disk before the operation exists, for whoever takes the operation needs it. */
async function requestDeploy(push: Push, source: Source, options: GitOptions, ctx: GitContext): Promise<string> {
  const id = newOperationId()
  const { folder } = await appFor(push, ctx)
  await writeSource(source.commit, join(ctx.builds, id), options, folder)
  const input = await deployOf(push, source, options, ctx)
  await ctx.store.write('operations', async (tx) => {
    const app = await authorizeApp(tx, await current(tx, push.actor), 'app:deploy', push.repository.app)
    await requestOperation(tx, app, input, push.actor.name, id)
    const audit = { action: 'app:deploy', target: app.name, teamId: app.team_id, source: push.from, result: 'ok' }
    await record(tx, push.actor, audit)
  })
  return id
}

async function deployOf(push: Push, source: Source, options: GitOptions, { store }: GitContext) {
  const since = await store.read(async (tx) => {
    const app = await authorizeApp(tx, push.actor, 'app:deploy', push.repository.app)
    return (await newestSuccess(tx, app.id))?.revision ?? null
  })
  const { commit, subject: message, author } = source
  const changelog = await changelogOf(commit, since, options)
  return { kind: 'deploy', source: { kind: 'git' }, commit, message, changelog, ...(author && { author }) } as const
}

async function untilDeployed(app: AppRow, id: string, terminal: Terminal, ctx: GitContext) {
  using patient = withHeartbeat(terminal, ctx.heartbeatMs)
  let said = ''
  const remembering = {
    line(text: string) {
      if (text.startsWith(alarm(''))) said += text
      patient.line(text)
    },
  }
  const operation = await followDeploy(id, remembering, ctx, ctx.stopping)
  if (!operation) {
    return refuse('INTERRUPTED', `the control plane restarts; the deploy goes on (berth operation follow ${id})`)
  }
  if (!serves(operation)) throw failure(operation, said)
  const number = operation.release_number
  terminal.line(step(number === null ? 'Deployed' : `Deployed v${number}`))
  terminal.line(detail(ctx.urlOf(app.name)))
}

/** What serves is what the ref names: a command that fails after the swap does not reject the push. */
const serves = ({ state, error_code }: OperationRow) => state === 'succeeded' || error_code === 'POSTDEPLOY_FAILED'

/** The log of the deploy ends with the reason; one that never ran has no log. */
function failure({ state, error_code, error_message }: OperationRow, said: string): Refusal {
  const reason = error_message ?? `the deploy ended as ${state}`
  const message = said.includes(reason) ? 'push rejected' : reason
  return new Refusal(error_code === null ? 'BUILD_FAILED' : (error_code as Refusal['code']), message)
}

/**
 * Two pushes may overlap: the one that deployed last is what runs, so its ref has the last word, even where an earlier
 * push has moved it since git read it.
 */
async function land(push: Push, app: AppRow, deploy: Deploy, incoming: Incoming, ctx: GitContext) {
  await ctx.landings(app.id)(async () => {
    await putBack(push, deploy, ctx)
    if (app.deploy_branch === null) await ctx.store.write('apps', (tx) => rememberBranch(tx, app.id, deploy.branch))
    const landed = incoming.accept().then(() => push.finished)
    await Promise.race([landed, sleep(landingMs, undefined, { ref: false })])
  })
}

/** A client that stopped reading must not hold up the next push. */
const landingMs = 30_000

async function putBack({ repository: { path } }: Push, { ref, from }: Update, { user }: GitContext) {
  const loose = await readFile(join(path, ref), 'utf8').catch(() => '')
  if (loose.trim() === from) return
  const options = { user, cwd: path }
  const found = (await git(['for-each-ref', '--format=%(objectname) %(refname)', ref], options)).toString('utf8')
  const now = found.split('\n').find((line) => line.endsWith(` ${ref}`)) ?? ''
  const before = /^0+$/.test(from) ? '' : `${from} ${ref}`
  if (now !== before) await git(['update-ref', ...(before ? [ref, from] : ['-d', ref])], options)
}

const rememberBranch = (tx: Parameters<typeof record>[0], appId: string, branch: string) =>
  tx
    .updateTable('apps')
    .set({ deploy_branch: branch })
    .where('id', '=', appId)
    .where('deploy_branch', 'is', null)
    .execute()
