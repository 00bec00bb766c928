import type { Selectable } from 'kysely'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type PackageRow = Selectable<Tables['packages']>

/** Which package: of a build, in a place, by its name there. */
export type PackageKey = Pick<PackageRow, 'build_id' | 'place' | 'reference'>

export type NewPackage = PackageKey & Pick<PackageRow, 'app' | 'number' | 'image'>

/** Before anything of it is written there. */
export async function wantPackage(tx: WriteTx, row: NewPackage): Promise<void> {
  const fresh = { state: 'storing', failures: 0, error: null, next_at: now() } as const
  await tx
    .insertInto('packages')
    .values({ ...row, ...fresh, digest: null, mark: null, bytes: null, created_at: now(), stored_at: null })
    .onConflict((already) => already.columns(['build_id', 'place', 'reference']).doUpdateSet(fresh))
    .execute()
}

const one = (tx: WriteTx, { build_id, place, reference }: PackageKey) =>
  tx
    .updateTable('packages')
    .where('build_id', '=', build_id)
    .where('place', '=', place)
    .where('reference', '=', reference)

export async function markOfPackage(tx: ReadTx, { build_id, place, reference }: PackageKey): Promise<string | null> {
  const row = await tx
    .selectFrom('packages')
    .select('mark')
    .where('build_id', '=', build_id)
    .where('place', '=', place)
    .where('reference', '=', reference)
    .executeTakeFirst()
  return row?.mark ?? null
}

export const markPackage = (tx: WriteTx, key: PackageKey, mark: string) => one(tx, key).set({ mark }).execute()

export const packageStored = (tx: WriteTx, key: PackageKey, kept: Pick<PackageRow, 'digest' | 'bytes'>) =>
  one(tx, key)
    .set({ ...kept, state: 'stored', mark: null, failures: 0, error: null, stored_at: now() })
    .where('state', '=', 'storing')
    .execute()

export const packageFailed = (tx: WriteTx, key: PackageKey, error: string, nextAt: string) =>
  one(tx, key)
    .set((of) => ({ failures: of('failures', '+', 1), error, next_at: nextAt }))
    .execute()

/** What was put off is tried now: the storage works again. */
export const hurryPackages = (tx: WriteTx) =>
  tx.updateTable('packages').set({ next_at: now() }).where('state', '!=', 'stored').execute()

export const forgetPackage = (tx: WriteTx, { build_id, place, reference }: PackageKey) =>
  tx
    .deleteFrom('packages')
    .where('build_id', '=', build_id)
    .where('place', '=', place)
    .where('reference', '=', reference)
    .execute()

/** The newest of a build: after a change of the settings there are some in more than one place. */
export const packageOf = (tx: ReadTx, buildId: string) =>
  tx.selectFrom('packages').selectAll().where('build_id', '=', buildId).orderBy('created_at', 'desc').executeTakeFirst()

/** Of an image, in a place; any of them will do. */
export const storedPackage = (tx: ReadTx, place: string, image: string) =>
  tx
    .selectFrom('packages')
    .selectAll()
    .where('image', '=', image)
    .where('place', '=', place)
    .where('state', '=', 'stored')
    .orderBy('stored_at', 'desc')
    .executeTakeFirst()

/** Whether a package of another build is, or will be, the same thing there. */
export async function isShared(tx: ReadTx, { build_id, place, reference }: PackageKey): Promise<boolean> {
  const other = await tx
    .selectFrom('packages')
    .select('build_id')
    .where('place', '=', place)
    .where('reference', '=', reference)
    .where('build_id', '!=', build_id)
    .where('state', '!=', 'removing')
    .executeTakeFirst()
  return other !== undefined
}

const over = ['succeeded', 'failed', 'cancelled', 'superseded'] as const

/** Marks those for removal whose build is gone, did not keep its image, or ended with another one. */
export async function retireStored(tx: WriteTx): Promise<void> {
  const unwanted = await tx
    .selectFrom('packages')
    .leftJoin('builds', 'builds.id', 'packages.build_id')
    .select(['packages.build_id', 'packages.place', 'packages.reference'])
    .where('packages.state', '!=', 'removing')
    .where((of) =>
      of.or([
        of('builds.id', 'is', null),
        of.and([
          of('builds.state', 'in', over),
          of.or([
            of('builds.kept', '=', 0),
            of('builds.image', 'is', null),
            of('builds.image', '!=', of.ref('packages.image')),
          ]),
        ]),
      ]),
    )
    .execute()
  for (const key of unwanted) await one(tx, key).set({ state: 'removing', failures: 0, next_at: now() }).execute()
}

export type KeptBuild = { readonly id: string; readonly app: string; readonly number: number; readonly image: string }

/** Kept builds of which there is nothing in the place. */
export async function buildsWithoutPackage(tx: ReadTx, place: string): Promise<KeptBuild[]> {
  const rows = await tx
    .selectFrom('builds')
    .innerJoin('apps', 'apps.id', 'builds.app_id')
    .leftJoin('packages', (join) => join.onRef('packages.build_id', '=', 'builds.id').on('packages.place', '=', place))
    .select(['builds.id', 'apps.name as app', 'builds.number', 'builds.image'])
    .where('builds.state', '=', 'succeeded')
    .where('builds.kept', '=', 1)
    .where('packages.build_id', 'is', null)
    .orderBy('builds.seq', 'desc')
    .execute()
  return rows.flatMap(({ image, ...row }) => (image === null ? [] : [{ ...row, image }]))
}

/** What is to be stored or removed, and not put off; a build under way stores its own. */
export const packagesDue = (tx: ReadTx): Promise<PackageRow[]> =>
  tx
    .selectFrom('packages')
    .leftJoin('builds', 'builds.id', 'packages.build_id')
    .selectAll('packages')
    .where('packages.next_at', '<=', now())
    .where((of) =>
      of.or([
        of('packages.state', '=', 'removing'),
        of.and([of('packages.state', '=', 'storing'), of('builds.state', '=', 'succeeded')]),
      ]),
    )
    .orderBy('packages.created_at')
    .execute()

/** Images that serve or are about to. */
export async function servingImages(tx: ReadTx): Promise<string[]> {
  const rows = await tx
    .selectFrom('releases')
    .select('image')
    .distinct()
    .where('state', 'in', ['live', 'starting'])
    .execute()
  return rows.map(({ image }) => image)
}

/** How many there are in each state, in all places, and what went wrong last. */
export async function packageCounts(tx: ReadTx) {
  const rows = await tx
    .selectFrom('packages')
    .select(['state', 'bytes', 'error', 'failures'])
    .orderBy('created_at', 'desc')
    .execute()
  const count = (state: PackageRow['state']) => rows.filter((row) => row.state === state).length
  return {
    stored: count('stored'),
    storing: count('storing'),
    removing: count('removing'),
    error: rows.find(({ failures }) => failures > 0)?.error ?? null,
  }
}
