import { refuse } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import type { AppRow } from './access.ts'
import { servingImage } from './clone.ts'
import { envRows } from './env.ts'
import { liveRelease } from './releases.ts'
import type { ReadTx } from './store.ts'

export type Serving = NonNullable<Awaited<ReturnType<typeof servingImage>>>

export type Promotion = {
  readonly from: AppRow
  readonly to: AppRow
  /** What serves there. */
  readonly release: Serving
  /** It serves here already. */
  readonly isSame: boolean
  /** Subjects of the commits that come with it, newest first. */
  readonly commits: readonly string[]
  /** Variables that only the first of the two has. */
  readonly missing: readonly string[]
}

const mostCommits = 50

/** What would come of it if one app ran what another one does. */
export async function promotionOf(tx: ReadTx, from: AppRow, to: AppRow): Promise<Promotion> {
  if (from.id === to.id) refuse('INVALID', 'to', 'is the app itself')
  const release = (await servingImage(tx, from)) ?? refuse('NOTHING_DEPLOYED', from.name)
  const live = await liveRelease(tx, to.id)
  const isSame = live?.image === release.image
  const known = new Set((await envRows(tx, to.id)).map(({ name }) => name))
  const names = (await envRows(tx, from.id)).map(({ name }) => name)
  const commits = isSame ? [] : await commitsUpTo(tx, release, live)
  return { from, to, release, isSame, commits, missing: names.filter((name) => !known.has(name)) }
}

type Known = { readonly image: string; readonly commit_id: string | null } | undefined

/** From build to build, back to the one that is known; each tells what is new since the one before it. */
async function commitsUpTo(tx: ReadTx, { app_id, build_number }: Serving, known: Known): Promise<string[]> {
  const builds = await tx
    .selectFrom('builds')
    .select(['revision', 'image', 'message', 'changelog'])
    .where('app_id', '=', app_id)
    .where('state', '=', 'succeeded')
    .where('number', '<=', build_number ?? 0)
    .orderBy('number', 'desc')
    .limit(mostCommits)
    .execute()
  const at = builds.findIndex(
    ({ image, revision }) => image === known?.image || (revision !== null && revision === known?.commit_id),
  )
  const fresh = at < 0 ? builds : builds.slice(0, at)
  return fresh
    .flatMap(({ changelog, message }) => {
      const subjects = JSON.parse(changelog) as string[]
      return subjects.length > 0 ? subjects : message === '' ? [] : [message]
    })
    .slice(0, mostCommits)
}

/** A deploy of what a release of another app runs. */
export const deployOfRelease = (from: AppRow, release: Serving, changelog: readonly string[]) =>
  ({
    kind: 'deploy',
    source: { kind: 'release', app: from.name, appId: from.id, number: release.number },
    commit: release.commit_id,
    message: `from ${from.name} ${releaseName(release.number)}${release.message ? `: ${release.message}` : ''}`,
    changelog,
    ...(release.commit_author !== null && { author: release.commit_author }),
  }) as const
