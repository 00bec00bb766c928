import type { Selectable } from 'kysely'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type SourceRow = Selectable<Tables['sources']>
export type DeployKeyRow = Selectable<Tables['deploy_keys']>

/** The repository that an app is fetched from, if there is one. */
export const sourceOf = (tx: ReadTx, appId: string): Promise<SourceRow | undefined> =>
  tx.selectFrom('sources').selectAll().where('app_id', '=', appId).executeTakeFirst()

export type SourceValues = Pick<SourceRow, 'kind' | 'url' | 'secret' | 'ref' | 'poll_seconds'>

/** What was known of another repository or another ref is forgotten. */
export async function putSource(tx: WriteTx, appId: string, values: SourceValues, isOther: boolean): Promise<void> {
  const fresh = { revision: null, checked_at: null, failures: 0, error: null }
  const next_check_at = values.poll_seconds === null ? null : now()
  await tx
    .insertInto('sources')
    .values({ app_id: appId, ...values, ...fresh, next_check_at, created_at: now() })
    .onConflict((conflict) =>
      conflict
        .column('app_id')
        .doUpdateSet({ ...values, ...(isOther && fresh), failures: 0, quiet_looks: 0, next_check_at }),
    )
    .execute()
}

export const removeSource = (tx: WriteTx, appId: string) =>
  tx.deleteFrom('sources').where('app_id', '=', appId).execute()

export const deployKeyOf = (tx: ReadTx, appId: string): Promise<DeployKeyRow | undefined> =>
  tx.selectFrom('deploy_keys').selectAll().where('app_id', '=', appId).executeTakeFirst()

/** The first one stays: it may have been pasted somewhere already. */
export const putDeployKey = (tx: WriteTx, row: DeployKeyRow) =>
  tx
    .insertInto('deploy_keys')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()

export type AppPaths = { readonly folder?: string | undefined; readonly watch?: readonly string[] | undefined }

/** Which folder of its repository an app is built from, and which changes deploy it. */
export async function setPaths(tx: WriteTx, appId: string, { folder, watch }: AppPaths): Promise<void> {
  if (folder === undefined && watch === undefined) return
  await tx
    .updateTable('apps')
    .set({ ...(folder !== undefined && { folder }), ...(watch && { watch: JSON.stringify(watch) }) })
    .where('id', '=', appId)
    .execute()
}

/** The patterns of an app; one that is built from a folder watches that unless it says more. */
export function watchOf({ folder, watch }: { readonly folder: string; readonly watch: string }): readonly string[] {
  const globs = JSON.parse(watch) as string[]
  return globs.length === 0 && folder !== '' ? [`${folder}/**`] : globs
}

/** Those whose time has come, longest waiting first; never of an app that goes away. */
export const dueSources = (tx: ReadTx, at: string, limit: number) =>
  tx
    .selectFrom('sources')
    .innerJoin('apps', 'apps.id', 'sources.app_id')
    .selectAll('sources')
    .where('next_check_at', '<=', at)
    .where('apps.destroying', '=', 0)
    .orderBy('next_check_at')
    .limit(limit)
    .execute()

type Checked = Partial<Pick<SourceRow, 'revision' | 'failures' | 'error' | 'quiet_looks' | 'next_check_at'>>

/** What a look at the repository came to. */
export const noteCheck = (tx: WriteTx, appId: string, checked: Checked) =>
  tx
    .updateTable('sources')
    .set({ ...checked, checked_at: now() })
    .where('app_id', '=', appId)
    .execute()

/** Somebody says that there is something new: the next look is now, and those after it are soon. */
export const checkSoon = (tx: WriteTx, appId: string) =>
  tx.updateTable('sources').set({ next_check_at: now(), quiet_looks: 0 }).where('app_id', '=', appId).execute()

/** Of one team: what a webhook's repository is compared with. */
export const sourcesOfTeam = (tx: ReadTx, teamId: string) =>
  tx
    .selectFrom('sources')
    .innerJoin('apps', 'apps.id', 'sources.app_id')
    .selectAll('sources')
    .where('apps.team_id', '=', teamId)
    .where('apps.destroying', '=', 0)
    .orderBy('apps.name')
    .execute()

type Deploy = { readonly ref?: string | undefined; readonly commit?: string | undefined; readonly message?: string }

/** A deploy of the repository as it is when it is fetched; commit and message are what is known before. */
export const deployOf = ({ url, kind, ref }: SourceRow, wish: Deploy = {}) =>
  ({
    kind: 'deploy',
    source: { kind: 'repository', url, ref: wish.ref ?? ref, vcs: kind },
    commit: wish.commit ?? null,
    message: wish.message ?? '',
  }) as const
