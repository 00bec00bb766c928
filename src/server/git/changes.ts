import { Pulse, unlessAborted } from '../../lib/pulse.ts'
import type { Store, Topic } from '../store/store.ts'

/** Yields at once, and again after each change of the topic; changes in between are one. */
export async function* changes(store: Store, topic: Topic, signal: AbortSignal): AsyncGenerator<void> {
  const pulse = new Pulse()
  const end = store.onChange([topic], () => pulse.ring())
  try {
    while (!signal.aborted) {
      const next = pulse.next()
      yield
      await unlessAborted(next, signal)
    }
  } finally {
    end()
  }
}
