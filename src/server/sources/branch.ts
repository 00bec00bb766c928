import { dirname, join } from 'node:path'
import { refuse } from '../../model/refusal.ts'
import { isCommit, refName } from '../../model/repository.ts'
import type { Source } from '../../model/source.ts'
import { changelogOf } from '../git/describe.ts'
import { type GitOptions, type GitUser, git } from '../git/gitProcess.ts'
import { readSource, type SourceLimits } from '../git/readSource.ts'
import { writeSource } from '../git/writeSource.ts'
import type { Store } from '../store/store.ts'

type Parts = {
  readonly store: Store
  /** Where the repositories are that people push to. */
  readonly dir: string
  readonly user: GitUser
  readonly limits: SourceLimits
}

type Order = {
  readonly appId: string
  readonly path: string
  readonly since: string | null
  readonly log: (line: string) => void
}

type OfBranch = Extract<Source, { kind: 'branch' }>

/** What a preview is built from: a branch that was pushed to the app that it is a preview of. */
export const branchFetcher =
  ({ store, dir, user, limits }: Parts) =>
  async ({ app, ref }: OfBranch, { appId, path, since, log }: Order) => {
    const options: GitOptions = { user, cwd: join(dir, `${app}.git`) }
    const commit = await commitOf(ref, app, options)
    const { folder } = await store.read((tx) =>
      tx.selectFrom('apps').select('folder').where('id', '=', appId).executeTakeFirstOrThrow(),
    )
    const source = await readSource(commit, limits, options, folder)
    for (const warning of source.warnings) log(` !     ${warning}`)
    await writeSource(commit, dirname(path), options, folder)
    const changelog = await changelogOf(commit, since, options)
    return { revision: commit, message: source.subject, changelog, ...(source.author && { author: source.author }) }
  }

async function commitOf(ref: string, app: string, options: GitOptions): Promise<string> {
  const name = isCommit(ref) ? ref : `refs/heads/${refName(ref)}`
  const found = await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], options).catch(() => undefined)
  const commit = found?.toString('utf8').trim() ?? ''
  return isCommit(commit) ? commit : refuse('FETCH_FAILED', `${ref} of ${app}`, 'nothing of that name was pushed to it')
}
