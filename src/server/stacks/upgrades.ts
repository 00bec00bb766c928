import { isDeepStrictEqual } from 'node:util'
import { cancellable, isOver } from '../../model/operation.ts'
import type { UpgradedState } from '../../model/upgrade.ts'
import { currentImages } from '../../stack/state.ts'
import type { OperationRow } from '../store/access.ts'
import { openOperations, operationById, requestCancel, requestOperation } from '../store/operations.ts'
import type { WriteTx } from '../store/store.ts'
import {
  appsOfUpgrade,
  type Current,
  endUpgrade,
  openUpgrade,
  servingApps,
  setUpgraded,
  sourceOnNewStack,
  type UpgradedApp,
  type UpgradeRow,
  whyNot,
} from '../store/upgrades.ts'
import { type StackPlace, stackStates } from './state.ts'

/** Brings the apps of an upgrade onto their stack of now, a few at once. All of it stands in the store. */
export const stackUpgrades = (place: StackPlace, atOnce: number) => ({
  name: 'upgrades',
  topics: ['stacks', 'operations'] as const,
  everyMs: 30_000,
  async pass() {
    if (!(await place.store.read(openUpgrade))) return
    const current = currentImages(await stackStates(place))
    const changed = await place.store.write([], async (tx) => {
      const upgrade = await openUpgrade(tx)
      return upgrade !== undefined && (await advance(tx, upgrade, current, atOnce))
    })
    // Told only of a change, for these wake this very loop.
    if (changed) await place.store.write(['stacks', 'operations'], async () => undefined)
  },
})

/** Gives whether anything came of it. */
async function advance(tx: WriteTx, upgrade: UpgradeRow, current: Current, atOnce: number): Promise<boolean> {
  const before = await appsOfUpgrade(tx, upgrade.id)
  for (const one of before.filter(({ state }) => state === 'running')) await look(tx, upgrade, one)
  for (const one of before.filter(({ state }) => state === 'waiting')) {
    const running = (await appsOfUpgrade(tx, upgrade.id)).filter(({ state }) => state === 'running')
    if (upgrade.cancel_by !== null) await setUpgraded(tx, one, { state: 'cancelled' })
    else if (running.length < atOnce) await begin(tx, upgrade, one, current)
  }
  const over = await endUpgrade(tx, upgrade)
  return over || !isDeepStrictEqual(before, await appsOfUpgrade(tx, upgrade.id))
}

/** What has become of its deploy. */
async function look(tx: WriteTx, { cancel_by }: UpgradeRow, one: UpgradedApp): Promise<void> {
  const operation = await operationById(tx, one.operation_id ?? '')
  if (!operation) await setUpgraded(tx, one, { state: 'failed', reason: 'its deploy is no longer known' })
  else if (isOver(operation.state)) await setUpgraded(tx, one, endOf(operation))
  else if (cancel_by !== null && operation.cancel_by === null && cancellable.includes(operation.phase))
    await requestCancel(tx, operation, cancel_by)
}

function endOf({ state, error_message }: OperationRow): { state: UpgradedState; reason: string | null } {
  if (state === 'succeeded') return { state, reason: null }
  if (state === 'superseded') return { state: 'skipped', reason: 'a newer deploy took its place' }
  return { state: state === 'cancelled' ? 'cancelled' : 'failed', reason: error_message }
}

/** Unless something else goes on with the app: then it is looked at again when that is over. */
async function begin(tx: WriteTx, { author }: UpgradeRow, one: UpgradedApp, current: Current): Promise<void> {
  const open = await openOperations(tx)
  if (open.some(({ app_id, kind }) => app_id === one.app_id && kind !== 'run')) return
  const serving = (await servingApps(tx)).find(({ app }) => app.id === one.app_id)
  const reason = serving ? await whyNot(tx, serving, current) : 'it serves nothing any more'
  if (!serving?.build || reason !== undefined) {
    await setUpgraded(tx, one, { state: 'skipped', reason: reason ?? null })
    return
  }
  const { revision: commit, message, author: wrote } = serving.build
  const source = sourceOnNewStack(serving.build)
  const operation = await requestOperation(
    tx,
    serving.app,
    { kind: 'deploy', source, commit, message, author: wrote },
    author,
  )
  await setUpgraded(tx, one, { state: 'running', operation_id: operation.id })
}
