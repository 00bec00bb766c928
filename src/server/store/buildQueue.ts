import { type BuildState, type BuildStep, mostAttempts } from '../../model/build.ts'
import type { Outcome } from '../../model/operation.ts'
import { refusal } from '../../model/refusal.ts'
import type { Built } from '../../model/release.ts'
import type { BuildRow } from './builds.ts'
import type { Cipher } from './cipher.ts'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'

export type OpenBuild = BuildRow & {
  readonly app: string
  /** Its operation still wants it. */
  readonly wanted: boolean
}

/** Not over yet, oldest first. */
export async function openBuilds(tx: ReadTx): Promise<OpenBuild[]> {
  const rows = await tx
    .selectFrom('builds')
    .innerJoin('apps', 'apps.id', 'builds.app_id')
    .leftJoin('operations', 'operations.id', 'builds.operation_id')
    .selectAll('builds')
    .select(['apps.name as app', 'operations.state as wants', 'operations.cancel_by as cancelBy'])
    .where('builds.state', 'in', ['queued', 'running'])
    .orderBy('builds.seq')
    .execute()
  return rows.map(({ wants, cancelBy, ...row }) => ({ ...row, wanted: wants === 'running' && cancelBy === null }))
}

export type Lease = { readonly owner: string; readonly until: string }

/** One more attempt; false when somebody else has it, or it is over. */
export async function takeBuild(tx: WriteTx, row: BuildRow, { owner, until }: Lease): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('builds')
    .set({
      state: 'running',
      lease_owner: owner,
      lease_until: until,
      attempts: row.attempts + 1,
      started_at: row.started_at ?? now(),
    })
    .where('id', '=', row.id)
    .where('state', '=', row.state)
    .where('attempts', '=', row.attempts)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

const mine = (tx: WriteTx, id: string, owner: string) =>
  tx.updateTable('builds').where('id', '=', id).where('state', '=', 'running').where('lease_owner', '=', owner)

/** False when it is no longer ours to build. */
export async function extendLease(tx: WriteTx, id: string, { owner, until }: Lease): Promise<boolean> {
  const { numUpdatedRows } = await mine(tx, id, owner).set({ lease_until: until }).executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Back into the queue, at its old place; the attempt does not count. */
export async function giveBack(tx: WriteTx, row: Pick<BuildRow, 'id' | 'attempts'>, owner: string): Promise<void> {
  await mine(tx, row.id, owner)
    .set({ state: 'queued', lease_owner: null, lease_until: null, attempts: row.attempts })
    .execute()
}

/** There is one server per data folder, so whatever another one of them held is free. */
export const freeLeases = (tx: WriteTx, owner: string) =>
  tx
    .updateTable('builds')
    .set({ lease_until: new Date(0).toISOString() })
    .where('state', '=', 'running')
    .where('lease_owner', '!=', owner)
    .execute()

export const isAbandoned = ({ state, lease_until }: Pick<BuildRow, 'state' | 'lease_until'>, at = now()) =>
  state === 'running' && (lease_until ?? '') < at

/** What the fetch found out. */
export type Found = {
  readonly revision?: string | undefined
  readonly author?: string | undefined
  readonly message?: string | undefined
  readonly changelog?: readonly string[] | undefined
}

export async function noteFound(tx: WriteTx, id: string, found: Found): Promise<void> {
  const { changelog, revision, author, message } = found
  const set = {
    ...(revision !== undefined && { revision }),
    ...(author !== undefined && { author }),
    ...(message !== undefined && { message }),
    ...(changelog !== undefined && { changelog: JSON.stringify(changelog) }),
  }
  if (Object.keys(set).length > 0) await tx.updateTable('builds').set(set).where('id', '=', id).execute()
}

export const noteSteps = (tx: WriteTx, id: string, steps: readonly BuildStep[]) =>
  tx
    .updateTable('builds')
    .set({ steps: JSON.stringify(steps) })
    .where('id', '=', id)
    .execute()

export type Success = { readonly built: Built; readonly imageBytes: number | null }

/** False when it was no longer ours: then the image is nobody's, and the reaper's. */
export async function succeedBuild(tx: WriteTx, cipher: Cipher, id: string, owner: string, result: Success) {
  const { built, imageBytes } = result
  const { numUpdatedRows } = await mine(tx, id, owner)
    .set({
      state: 'succeeded',
      kept: 1,
      recipe: built.recipe,
      stack: built.stack ?? null,
      stack_name: built.stackName ?? null,
      image: built.image,
      image_bytes: imageBytes,
      built: cipher.seal(JSON.stringify(built)),
      ...over(),
    })
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

const over = () => ({ lease_owner: null, lease_until: null, finished_at: now() })

type Unsuccessful = Exclude<BuildState, 'queued' | 'running' | 'succeeded'>

/** Without a success, for the reason given; what is over already stays as it is. */
export async function endBuild(tx: WriteTx, id: string, state: Unsuccessful, { code, message }: Outcome) {
  await tx
    .updateTable('builds')
    .set({ state, error_code: code, error_message: message, ...over() })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .execute()
}

/** Gives the ids of those that waited. */
export async function supersedeQueuedBuilds(tx: WriteTx, appId: string, { code, message }: Outcome): Promise<string[]> {
  const rows = await tx
    .updateTable('builds')
    .set({ state: 'superseded', error_code: code, error_message: message, ...over() })
    .where('app_id', '=', appId)
    .where('state', '=', 'queued')
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Why a build that servers died with is not begun once more. */
export const interrupted = () =>
  refusal('INTERRUPTED', `the server ended ${mostAttempts} times while it was building; retry it when you know why`)
