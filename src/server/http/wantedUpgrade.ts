import { refuse } from '../../model/refusal.ts'
import type { ReadTx } from '../store/store.ts'
import { appsOfUpgrade, upgradeById } from '../store/upgrades.ts'
import { upgradeView } from './views/stack.ts'

/** The upgrade that the path names. */
export const wantedUpgrade = async (tx: ReadTx, id: string) =>
  (await upgradeById(tx, id)) ?? refuse('NOT_FOUND', 'upgrade', id)

export async function upgradeNow(tx: ReadTx, id: string) {
  return upgradeView(await wantedUpgrade(tx, id), await appsOfUpgrade(tx, id))
}
