import type { Selectable } from 'kysely'
import { metadataRecipe } from '../../model/build.ts'
import { refuse } from '../../model/refusal.ts'
import { isUpgraded } from '../../model/upgrade.ts'
import type { AppRow } from './access.ts'
import { type BuildRow, sourceOfBuild, sourcesToKeep } from './builds.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type UpgradeRow = Selectable<Tables['upgrades']>
export type UpgradedApp = Selectable<Tables['upgraded_apps']>

/** Ids of the images of now, by the names of their stacks. */
export type Current = ReadonlyMap<string, string>

/** An app that serves, and the build that it serves from. */
export type Serving = { readonly app: AppRow; readonly build: BuildRow | undefined }

export async function servingApps(tx: ReadTx): Promise<Serving[]> {
  const apps = await tx
    .selectFrom('apps')
    .selectAll()
    .where('destroying', '=', 0)
    .where('id', 'in', tx.selectFrom('releases').select('app_id').where('state', '=', 'live'))
    .orderBy('name')
    .execute()
  const builds = await tx
    .selectFrom('builds')
    .innerJoin('releases', (join) =>
      join
        .onRef('releases.app_id', '=', 'builds.app_id')
        .onRef('releases.build_number', '=', 'builds.number')
        .on('releases.state', '=', 'live'),
    )
    .selectAll('builds')
    .execute()
  const ofApp = new Map(builds.map((build) => [build.app_id, build]))
  return apps.map((app) => ({ app, build: ofApp.get(app.id) }))
}

/** The stack that it would be built on today, as far as one can tell without building. */
export const stackFor = ({ app, build }: Serving) => app.stack ?? build?.stack_name ?? null

/** current: on the image of now. old: on another one. none: it has no stack. */
export function standing(serving: Serving, current: Current): 'current' | 'old' | 'none' {
  const { build } = serving
  if (!build?.stack) return 'none'
  return build.stack === current.get(stackFor(serving) ?? '') ? 'current' : 'old'
}

/** Why an app stays where it is, or nothing when it is to be built anew. */
export async function whyNot(tx: ReadTx, serving: Serving, current: Current): Promise<string | undefined> {
  const { app, build } = serving
  const place = standing(serving, current)
  if (place === 'none' || !build)
    return 'it has no stack: its image comes from a Dockerfile of its own, or from elsewhere'
  if (place === 'current') return 'it is on the newest one'
  const stack = stackFor(serving) ?? ''
  if (!current.has(stack)) return `its stack ${stack} is not made`
  const kept = await sourcesToKeep(tx, app.id)
  const hasSource = kept.includes(build.number) && sourceOfBuild(build).kind !== 'image'
  return hasSource ? undefined : 'the source of what it runs is no longer kept: deploy it again'
}

/** What a build by metadata goes on from is on the old stack, so it begins anew. */
export const sourceOnNewStack = ({ number, recipe }: BuildRow) => ({
  kind: 'build' as const,
  number,
  ...(recipe?.startsWith(metadataRecipe) && { fresh: true }),
})

export type NewUpgrade = {
  readonly stack: string | null
  readonly apps: readonly string[] | null
  readonly author: string
}

/** Writes down all that there is to do; one upgrade at a time. */
export async function createUpgrade(tx: WriteTx, wanted: NewUpgrade, current: Current): Promise<UpgradeRow> {
  const open = await openUpgrade(tx)
  if (open) refuse('STATE', 'the upgrade of stacks', 'begin', `going on (${open.id}, by ${open.author})`, 'over')
  const serving = await servingApps(tx)
  const missing = wanted.apps?.find((name) => !serving.some(({ app }) => app.name === name))
  if (missing !== undefined) refuse('NOTHING_DEPLOYED', missing)
  const row = { id: randomId(), stack: wanted.stack, author: wanted.author, state: 'running', cancel_by: null } as const
  const upgrade = { ...row, created_at: now(), finished_at: null }
  await tx.insertInto('upgrades').values(upgrade).execute()
  let position = 0
  for (const one of serving.filter((one) => isMeant(one, wanted))) {
    const reason = await whyNot(tx, one, current)
    // Whom nobody has named, and who has nothing to do with it, is no news.
    if (reason !== undefined && !wanted.apps && standing(one, current) === 'current') continue
    const state = reason === undefined ? 'waiting' : 'skipped'
    const app = { app_id: one.app.id, app: one.app.name, state, reason: reason ?? null } as const
    await tx
      .insertInto('upgraded_apps')
      .values({ upgrade_id: upgrade.id, position: position++, operation_id: null, ...app })
      .execute()
  }
  return upgrade
}

function isMeant(serving: Serving, { stack, apps }: NewUpgrade): boolean {
  if (apps && !apps.includes(serving.app.name)) return false
  return stack === null || apps !== null || stackFor(serving) === stack
}

export const openUpgrade = (tx: ReadTx) =>
  tx.selectFrom('upgrades').selectAll().where('state', '=', 'running').executeTakeFirst()

export const upgradeById = (tx: ReadTx, id: string) =>
  tx.selectFrom('upgrades').selectAll().where('id', '=', id).executeTakeFirst()

export const newestUpgrades = (tx: ReadTx, limit: number) =>
  tx.selectFrom('upgrades').selectAll().orderBy('created_at', 'desc').limit(limit).execute()

export const appsOfUpgrade = (tx: ReadTx, id: string) =>
  tx.selectFrom('upgraded_apps').selectAll().where('upgrade_id', '=', id).orderBy('position').execute()

type Change = Partial<Pick<UpgradedApp, 'state' | 'operation_id' | 'reason'>>

export const setUpgraded = (tx: WriteTx, { upgrade_id, app_id }: UpgradedApp, change: Change) =>
  tx
    .updateTable('upgraded_apps')
    .set(change)
    .where('upgrade_id', '=', upgrade_id)
    .where('app_id', '=', app_id)
    .execute()

export const cancelUpgrade = (tx: WriteTx, id: string, by: string) =>
  tx.updateTable('upgrades').set({ cancel_by: by }).where('id', '=', id).where('state', '=', 'running').execute()

/** Over when every app of it is; gives whether it is. */
export async function endUpgrade(tx: WriteTx, upgrade: UpgradeRow): Promise<boolean> {
  const apps = await appsOfUpgrade(tx, upgrade.id)
  if (!apps.every(({ state }) => isUpgraded(state))) return false
  const state = upgrade.cancel_by === null ? 'done' : 'cancelled'
  await tx.updateTable('upgrades').set({ state, finished_at: now() }).where('id', '=', upgrade.id).execute()
  return true
}
