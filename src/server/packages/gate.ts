import { unlessAborted } from '../../lib/pulse.ts'

/** Many may be inside at once; or one, alone. */
export function gate() {
  let inside = 0
  let alone: Promise<unknown> | undefined
  return {
    /** Throws the signal's reason, and does nothing, when that fires before there is room. */
    async with<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      while (alone) {
        await (signal ? unlessAborted(alone, signal) : alone)
        signal?.throwIfAborted()
      }
      inside++
      try {
        return await work()
      } finally {
        inside--
      }
    },

    /** False, and nothing done, when somebody is inside. */
    async whenEmpty(work: () => Promise<void>): Promise<boolean> {
      if (inside > 0 || alone) return false
      const over = Promise.withResolvers<void>()
      alone = over.promise
      try {
        await work()
      } finally {
        alone = undefined
        over.resolve()
      }
      return true
    },
  }
}
