import { isCommit, isPattern } from '../../model/repository.ts'
import { concerns, fitsName } from '../../model/watch.ts'
import type { Push } from './providers/provider.ts'

/** What an app makes of a push: it deploys, has to look for itself, or does not care, and why. */
export type Decision =
  | { readonly act: 'deploy' }
  | { readonly act: 'check'; readonly reason: string }
  | { readonly act: 'ignore'; readonly reason: string }

export type Follower = { readonly ref: string | null; readonly watch: readonly string[] }

/** Pure: of an app whose repository was pushed to. */
export function decide(push: Push, { ref, watch }: Follower): Decision {
  const { kind, name } = push.ref
  const what = `${kind} ${name}`
  if (push.commit === null) return ignore(`${what} was deleted`)
  if (ref !== null && isCommit(ref)) return ignore(`it follows no branch but commit ${ref.slice(0, 8)}`)
  if (ref === null && kind === 'branch' && push.defaultBranch === undefined) {
    return { act: 'check', reason: 'the provider does not say which branch is the default' }
  }
  const followed = ref ?? push.defaultBranch ?? ''
  if (!follows(push, ref, followed)) return ignore(`${what}; it follows ${followed}`)
  if (kind === 'tag' || watch.length === 0) return { act: 'deploy' }
  if (push.paths === undefined) return { act: 'check', reason: 'the provider does not say which files changed' }
  return concerns(watch, push.paths)
    ? { act: 'deploy' }
    : ignore(`nothing that it watches changed (${watch.join(', ')})`)
}

function follows({ ref: { kind, name } }: Push, ref: string | null, followed: string): boolean {
  if (isPattern(followed)) return kind === 'tag' && fitsName(followed, name)
  return name === followed && (kind === 'branch' || ref !== null)
}

const ignore = (reason: string): Decision => ({ act: 'ignore', reason })
