/** Many may be inside at once; or one, alone. */
export function gate() {
  let inside = 0
  let alone: Promise<unknown> | undefined
  return {
    async with<T>(work: () => Promise<T>): Promise<T> {
      while (alone) await alone
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
