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
}

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

/** Until the promise, the time or the signal: whichever comes first. */
export async function firstOf(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const pause = sleep(ms, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined)
  await Promise.race([promise, pause])
  done.abort()
}
