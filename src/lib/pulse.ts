import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Wakes those who wait. Take `next()` before looking at what may have changed, and await it after: no ring is missed.
 */
export class Pulse {
  #ring = Promise.withResolvers<void>()

  ring() {
    this.#ring.resolve()
    this.#ring = Promise.withResolvers<void>()
  }

  next(): Promise<void> {
    return this.#ring.promise
  }

  /**
   * Until `next`, the time or the signal. For the only one who waits: it rings afterwards, since each wait in vain would
   * stay in the memory for as long as nobody rings.
   */
  async wait(next: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
    await firstOf(next, ms, signal)
    this.ring()
  }
}

/** So long, or until the signal. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined)

/** Waits for the promise, or for the signal. */
export async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const aborted = Promise.withResolvers<void>()
  const stop = () => aborted.resolve()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function firstOf(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const pause = sleep(ms, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined)
  await Promise.race([promise, pause])
  done.abort()
}
