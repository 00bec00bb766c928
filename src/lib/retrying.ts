import { log } from './log.ts'
import { pause } from './pulse.ts'

/** Until it works, or the signal fires (then undefined): ever more seldom, at last once a minute. */
export async function retrying<T>(
  what: Readonly<Record<string, unknown>>,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) return undefined
      log.error({ error, ...what }, 'did not work; it is tried again')
      await pause(Math.min(1_000 * 2 ** failures, 60_000), signal)
    }
  }
  return undefined
}
