import { wantsBranch } from '../../model/preview.ts'
import { printable } from '../../model/printable.ts'
import { Refusal } from '../../model/refusal.ts'
import { isCommit } from '../../model/repository.ts'
import type { AppRow } from '../store/access.ts'
import { record } from '../store/events.ts'
import { addReport } from '../store/hooks.ts'
import { closePreview, deployPreview, openPreview, type PreviewWish } from '../store/openPreview.ts'
import { type PreviewRow, previewFor, previewRules } from '../store/previews.ts'
import type { SourceRow } from '../store/sources.ts'
import type { WriteTx } from '../store/store.ts'
import type { Answer, Delivery } from './delivery.ts'
import type { Pull, Push } from './providers/provider.ts'

/** What a pull request to the repository of an app comes to. */
export async function previewOfPull(tx: WriteTx, known: Delivery, pull: Pull, app: AppRow): Promise<Answer> {
  const fork = pull.fork === null ? null : printable(pull.fork).slice(0, 200)
  const branch = printable(pull.branch).slice(0, 200)
  const which = { branch, pull: pull.number, fork }
  if (pull.act === 'close') return await ended(tx, known, app, await previewFor(tx, app.id, which))
  const { pulls } = await previewRules(tx, app.id)
  if (!pulls) return ignored(app, 'no previews of pull requests (berth preview set --pulls yes)')
  if (fork !== null && !isCommit(pull.commit))
    return ignored(app, `the provider does not say which commit of ${fork} it is, so nobody could approve it`)
  return await opened(tx, known, app, {
    ...which,
    commit: isCommit(pull.commit) ? pull.commit : null,
    message: printable(pull.title),
    author: printable(pull.author),
    webUrl: /^https?:/.test(pull.webUrl) ? printable(pull.webUrl).slice(0, 500) : null,
    hook: { id: known.hook.id, project: pull.project },
  })
}

type Concerned = { readonly app: AppRow; readonly source: SourceRow }

/** What a push to a branch that the app does not follow comes to; nothing where it has no previews of that. */
export async function previewOfPush(tx: WriteTx, known: Delivery, push: Push, { app, source }: Concerned) {
  const { kind, name } = push.ref
  const branch = printable(name).slice(0, 200)
  if (kind !== 'branch' || name === (source.ref ?? push.defaultBranch ?? name)) return undefined
  const which = { branch, pull: null, fork: null }
  const preview = await previewFor(tx, app.id, which)
  if (push.commit === null) return preview && (await ended(tx, known, app, preview))
  if (!wantsBranch(await previewRules(tx, app.id), branch)) return undefined
  if (preview?.pull != null) return ignored(app, `branch ${branch} is that of pull request ${preview.pull}`)
  const { commit, message, pusher } = push
  const hook = { id: known.hook.id, project: push.project }
  return await opened(tx, known, app, {
    ...which,
    commit,
    message: printable(message),
    author: printable(pusher),
    hook,
  })
}

async function opened(tx: WriteTx, known: Delivery, parent: AppRow, wish: PreviewWish): Promise<Answer> {
  try {
    const { preview, app } = await openPreview(tx, parent, wish)
    if (!app) return { outcome: 'waits', reason: whyItWaits(parent, preview) }
    const by = `${known.hook.provider} hook`
    const { id } = await deployPreview(tx, parent, { preview, app }, by)
    await note(tx, known, app, 'createPreview')
    if (known.hook.token !== null && wish.commit !== null && wish.hook)
      await addReport(tx, {
        operation_id: id,
        hook_id: known.hook.id,
        project: wish.hook.project,
        commit_id: wish.commit,
      })
    return { outcome: 'deployed', reason: `${parent.name}: preview ${app.name} is deployed by operation ${id}` }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return ignored(parent, error.message)
  }
}

const whyItWaits = (parent: AppRow, { name, pull, fork, commit_id }: PreviewRow) =>
  `${parent.name}: pull request ${pull} is from ${fork}, and is not built until an admin of the team has looked at ` +
  `${commit_id?.slice(0, 8)}: berth preview approve ${name} -a ${parent.name}`

async function ended(tx: WriteTx, known: Delivery, parent: AppRow, preview: PreviewRow | undefined): Promise<Answer> {
  if (!preview) return ignored(parent, 'it has no preview of that')
  await closePreview(tx, preview, `${known.hook.provider} hook`)
  await note(tx, known, { ...parent, name: preview.name }, 'removePreview')
  return { outcome: 'removed', reason: `${parent.name}: preview ${preview.name} goes` }
}

const note = (tx: WriteTx, known: Delivery, app: AppRow, action: string) =>
  record(
    tx,
    { name: `${known.hook.provider} hook` },
    { action, target: `app ${app.name}`, teamId: app.team_id, source: known.address, result: 'ok' },
  )

const ignored = ({ name }: AppRow, reason: string): Answer => ({
  outcome: 'ignored',
  reason: `${name}: ignored: ${reason}`,
})
