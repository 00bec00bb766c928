import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'

/** What git's pre-receive gets: one ref from an old object to a new one; all zeros for none. */
export type Update = { readonly ref: string; readonly from: string; readonly to: string }

export type Plan = {
  readonly deploy?: Update & { readonly branch: string }
  /** What is done without a deploy, in words for the pusher. */
  readonly notes: readonly string[]
}

const mostRefs = 10_000
const shownNotes = 20
const firstBranches = ['main', 'master']

/** Whether an update takes its ref away. */
const deletes = ({ to }: Update) => /^0+$/.test(to)

export function parseUpdates(text: string): Update[] {
  const lines = text.split('\n').filter((line) => line !== '')
  if (lines.length > mostRefs) refuse('TOO_LARGE', 'a push', `${mostRefs} branches and tags`)
  return lines.map((line) => {
    const [, from = '', to = '', ref = ''] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/.+)$/.exec(line) ?? []
    return ref ? { from, to, ref } : refuse('INVALID', 'push', 'git sent a line that is no ref')
  })
}

/** Pure: which one of the updates deploys, and what to say about the others. Throws what refuses the whole push. */
export function planPush(updates: readonly Update[], deployBranch: string | null): Plan {
  for (const update of updates) checkName(update.ref)
  const branch = deployBranch ?? firstPushed(updates)
  const deploy = updates.find(({ ref }) => ref === `refs/heads/${branch}`)
  if (deploy && deletes(deploy)) keepDeployBranch(branch ?? '', deployBranch)
  const deployed = deploy && !deletes(deploy) ? deploy : undefined
  const others = updates.filter((update) => update !== deployed)
  const notes = others.slice(0, shownNotes).map((update) => note(update, deployBranch ?? (deployed && branch)))
  if (others.length > shownNotes) notes.push(`… and ${others.length - shownNotes} more, none of which deploys`)
  return { ...(deployed && { deploy: { ...deployed, branch: branch ?? '' } }), notes }
}

const firstPushed = (updates: readonly Update[]) =>
  firstBranches.find((name) => updates.some((update) => update.ref === `refs/heads/${name}` && !deletes(update)))

/** git checks the grammar; what is left is names that turn into options, hide something, or mislead. */
function checkName(ref: string) {
  const [, kind = '', name = ''] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? []
  const shown = JSON.stringify(printable(ref).slice(0, 200))
  if (!kind) refuse('INVALID', `ref ${shown}`, 'only branches and tags are stored here')
  if (name.length > 200) refuse('INVALID', `ref ${shown}`, 'its name is longer than 200 characters')
  if (name.startsWith('-') || name === 'HEAD')
    refuse('INVALID', `ref ${shown}`, 'its name would be taken for an option')
  if (printable(name) !== name) refuse('INVALID', `ref ${shown}`, 'its name holds characters that cannot be seen')
}

function keepDeployBranch(branch: string, deployBranch: string | null) {
  if (deployBranch !== null) refuse('STATE', `branch ${branch}`, 'delete', 'the one that deploys', 'another one')
}

function note(update: Update, deployBranch: string | null | undefined): string {
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(update.ref) ?? []
  const what = `${kind === 'tags' ? 'tag' : 'branch'} ${name}`
  if (deletes(update)) return `${what} deleted; nothing changes for the running app`
  if (kind === 'tags') return `${what} stored; tags do not deploy`
  return `${what} stored; only ${deployBranch ?? firstBranches.join(' or ')} deploys`
}
