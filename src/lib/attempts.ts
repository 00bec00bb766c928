type Failures = { readonly since: number; readonly count: number }

/** Beyond so many keys the oldest are forgotten, so that nobody fills the memory with made-up ones. */
const maxKeys = 100_000

/** Counts failures per key (an account, an address) in windows of time; clean keys cost nothing. */
export function attempts({ limit, windowMs }: { readonly limit: number; readonly windowMs: number }) {
  const failures = new Map<string, Failures>()
  const current = (key: string): Failures | undefined => {
    const known = failures.get(key)
    if (known && Date.now() - known.since < windowMs) return known
    failures.delete(key)
    return undefined
  }
  return {
    /** Seconds until the key may try again; 0 when it may now. */
    wait(key: string): number {
      const known = current(key)
      return known && known.count >= limit ? Math.ceil((known.since + windowMs - Date.now()) / 1000) : 0
    },
    failed(key: string): void {
      const known = current(key)
      failures.set(key, { since: known?.since ?? Date.now(), count: (known?.count ?? 0) + 1 })
      if (failures.size > maxKeys) for (const oldest of failures.keys()) return void failures.delete(oldest)
    },
    succeeded(key: string): void {
      failures.delete(key)
    },
  }
}

export type Attempts = ReturnType<typeof attempts>
