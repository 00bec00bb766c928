import { Pulse } from '../../lib/pulse.ts'
import type { Store, Topic } from './store.ts'

export type Occasions = {
  readonly store: Store
  readonly topics: readonly Topic[]
  /** Looked again after this long even if nothing changed. */
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** Looks at once and on each occasion, until the look finds what it is for (true) or the signal fires (false). */
export async function lookUntil(occasions: Occasions, look: () => Promise<boolean>): Promise<boolean> {
  const { store, topics, everyMs, signal } = occasions
  const changed = new Pulse()
  const unsubscribe = store.onChange(topics, () => changed.ring())
  try {
    while (!signal.aborted) {
      const next = changed.next()
      if (await look()) return true
      await changed.wait(next, everyMs, signal)
    }
    return false
  } finally {
    unsubscribe()
  }
}
