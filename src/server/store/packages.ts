import { buildName } from '../../model/build.ts'
import { refuse } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import type { BuildRow } from './builds.ts'
import { liveRelease, previousRelease } from './releases.ts'
import type { ReadTx, WriteTx } from './store.ts'

/** Releases per app from before there were builds whose images stay. */
const oldReleases = 10

/** Refuses a build that has no package for what is to be done: it did not succeed, or its image is gone. */
export function requirePackage(
  { number, state, kept }: Pick<BuildRow, 'number' | 'state' | 'kept'>,
  deed: string,
): void {
  if (state !== 'succeeded') refuse('STATE', buildName(number), deed, state, 'succeeded')
  if (kept === 0) refuse('IMAGE_GONE', buildName(number), buildName(number))
}

export async function setPinned(tx: WriteTx, build: BuildRow, pinned: boolean): Promise<void> {
  if (pinned) requirePackage(build, 'pin')
  await tx
    .updateTable('builds')
    .set({ pinned: pinned ? 1 : 0 })
    .where('id', '=', build.id)
    .execute()
}

/** Its image goes with the next pass of the reaper; what serves now stays. */
export async function dropPackage(tx: WriteTx, build: BuildRow): Promise<void> {
  requirePackage(build, 'delete')
  const live = await liveRelease(tx, build.app_id)
  if (live && (live.build_number === build.number || live.image === build.image)) {
    refuse(
      'STATE',
      buildName(build.number),
      'delete',
      `what ${releaseName(live.number)} runs, which is live`,
      'a build that does not serve',
    )
  }
  await tx.updateTable('builds').set({ kept: 0, pinned: 0 }).where('id', '=', build.id).execute()
}

/** Lets go of the packages that nobody needs: all but the newest, the pinned, and those that serve or served before. */
export async function retirePackages(tx: WriteTx, newest: number): Promise<void> {
  const rows = await tx
    .selectFrom('builds')
    .select(['id', 'app_id', 'number', 'pinned'])
    .where('kept', '=', 1)
    .orderBy('number', 'desc')
    .execute()
  for (const [appId, builds] of Map.groupBy(rows, ({ app_id }) => app_id)) {
    if (builds.length <= newest) continue
    const needed = await neededBuilds(tx, appId)
    const old = builds.slice(newest).filter(({ number, pinned }) => pinned === 0 && !needed.has(number))
    if (old.length === 0) continue
    const ids = old.map(({ id }) => id)
    await tx.updateTable('builds').set({ kept: 0 }).where('id', 'in', ids).execute()
  }
}

/** What serves, what is about to, and what a rollback without a name goes back to. */
async function neededBuilds(tx: ReadTx, appId: string): Promise<ReadonlySet<number>> {
  const serving = await tx
    .selectFrom('releases')
    .select('build_number')
    .where('app_id', '=', appId)
    .where('state', 'in', ['live', 'starting'])
    .execute()
  const numbers = [...serving, await previousRelease(tx, appId)].map((release) => release?.build_number)
  return new Set(numbers.filter((number) => typeof number === 'number'))
}

/** Ids of the images that somebody may still want. */
export async function neededImages(tx: ReadTx): Promise<ReadonlySet<string>> {
  const builds = await tx.selectFrom('builds').select('image').where('kept', '=', 1).execute()
  const releases = await tx
    .selectFrom('releases')
    .select(['app_id', 'image', 'state', 'build_number'])
    .where('state', '!=', 'failed')
    .orderBy('number', 'desc')
    .execute()
  const ofReleases = [...Map.groupBy(releases, ({ app_id }) => app_id).values()].flatMap((all) =>
    all.filter(({ state, build_number }, at) => state !== 'superseded' || (build_number === null && at < oldReleases)),
  )
  return new Set([...builds, ...ofReleases].flatMap(({ image }) => image ?? []))
}
