import { unlessAborted } from './pulse.ts'

/** One piece of work at a time for each key, in the order of asking. Who is called off while it waits, throws and has no turn. */
export function locks() {
  const last = new Map<string, Promise<unknown>>()
  return async <T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const before = last.get(key) ?? Promise.resolve()
    const turn = before.then(() => {
      signal?.throwIfAborted()
      return work()
    })
    const settled = turn.catch(() => undefined)
    last.set(key, settled)
    void settled.then(() => last.get(key) === settled && last.delete(key))
    if (signal) await unlessAborted(before, signal)
    signal?.throwIfAborted()
    return await turn
  }
}
