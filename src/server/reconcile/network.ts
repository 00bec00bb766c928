import { log } from '../../lib/log.ts'
import { isBroken } from '../../network/broken.ts'
import { type Place, renewNetwork } from '../../network/network.ts'
import type { ReadTx, Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

/**
 * Looks after the network of the instances: an Engine that was killed may reject all of them for ever. Must not run
 * while services are made; they are made anew afterwards.
 */
export const network = (store: Store, place: Place): Reconciler => ({
  name: 'network',
  topics: [],
  everyMs: 3_000,
  async pass() {
    if (!(await store.read(nothingRuns)) || !(await isBroken(place))) return
    log.warn({ network: place.network }, 'the Engine has lost track of the network; making another one')
    await renewNetwork(place)
    await store.write('sets', async () => undefined)
  },
})

/** Instances are wanted, and none was seen running: only then is the Engine asked. */
async function nothingRuns(tx: ReadTx): Promise<boolean> {
  const wanted = await tx.selectFrom('sets').select('id').where('role', '!=', 'gone').executeTakeFirst()
  if (!wanted) return false
  const running = await tx.selectFrom('instances').select('id').where('state', '!=', 'exited').executeTakeFirst()
  return running === undefined
}
