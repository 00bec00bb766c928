import type { Attempts } from '../../lib/attempts.ts'
import { refuse } from '../../model/refusal.ts'

/** A check of a password, counted against each of the keys; undefined is a failure, and too many shut the door. */
export async function limited<T>(
  logins: Attempts,
  keys: readonly string[],
  check: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const wait = Math.max(...keys.map((key) => logins.wait(key)))
  if (wait > 0) return refuse('TOO_MANY_ATTEMPTS', wait)
  // Counted before the slow check, so that many at once do not slip through together.
  for (const key of keys) logins.failed(key)
  const found = await check()
  if (found !== undefined) for (const key of keys) logins.succeeded(key)
  return found
}
