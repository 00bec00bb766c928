import { log } from '../../lib/log.ts'
import { defaultDrainMs } from '../../model/release.ts'
import { type RouterRow, routers } from '../store/instances.ts'
import { formationOf, releaseByNumber } from '../store/releases.ts'
import { drainingSets, setRole } from '../store/sets.ts'
import type { Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

type Draining = { readonly id: string; readonly since: string | null; readonly drainMs: number }

/** A draining set goes when no router sends to it and its last request is answered, or its time is up. */
export const drains = (store: Store): Reconciler => ({
  name: 'drains',
  topics: ['sets', 'instances'],
  everyMs: 1_000,
  async pass() {
    const [draining, seen] = await store.read(async (tx) => {
      const withRules = (await drainingSets(tx)).map(async (set) => {
        const release = await releaseByNumber(tx, set.app_id, set.release_number)
        return {
          id: set.id,
          since: set.draining_since,
          drainMs: release ? formationOf(release).drainMs : defaultDrainMs,
        }
      })
      return [await Promise.all(withRules), await routers(tx)] as const
    })
    const idle = draining.filter((set) => mayGo(set, seen, Date.now())).map(({ id }) => id)
    if (idle.length === 0) return
    await store.write('sets', (tx) => setRole(tx, idle, 'gone'))
    log.info({ sets: idle }, 'drained')
  },
})

/** Pure. While a router still sends to the set, even the deadline does not end it: that would cost requests. */
export function mayGo(set: Draining, seen: readonly RouterSeen[], nowMs: number): boolean {
  if (seen.some(({ routed }) => namesIn(routed).includes(set.id))) return false
  const idle = seen.every(({ revision, busy }) => revision > 0 && !openRequests(busy)[set.id])
  return idle || nowMs - Date.parse(set.since ?? '') > set.drainMs
}

/** An agent that has just started has counted nothing yet, and says so with revision 0. */
type RouterSeen = Pick<RouterRow, 'revision' | 'routed' | 'busy'>

const namesIn = (routed: string) => JSON.parse(routed) as string[]
const openRequests = (busy: string) => JSON.parse(busy) as Record<string, number>
