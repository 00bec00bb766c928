import { log } from '../../lib/log.ts'
import {
  forgetGoneNodes,
  forgetOldBuilds,
  forgetOldEvents,
  forgetOldOperations,
  retention,
} from '../store/retention.ts'
import type { Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

/** Keeps the database from growing for ever. */
export const housekeeping = (store: Store): Reconciler => ({
  name: 'housekeeping',
  topics: [],
  everyMs: 5 * 60 * 1000,
  async pass(signal) {
    const nodes = await store.write('instances', forgetGoneNodes)
    if (nodes.length > 0) log.warn({ nodes }, 'nodes that no longer report are forgotten')
    for (const forget of [forgetOldOperations, forgetOldBuilds, forgetOldEvents]) {
      let went: number = retention.atOnce
      while (went === retention.atOnce && !signal.aborted) went = await store.write([], (tx) => forget(tx, Date.now()))
    }
  },
})
