import { randomUUID } from 'node:crypto'
import { log } from '../../lib/log.ts'
import { Refusal, refusals } from '../../model/refusal.ts'

/** What somebody outside may read of an error. What was not foreseen goes to the log, under a reference. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  const reference = randomUUID().slice(0, 8)
  log.error({ error, reference }, 'a git request failed')
  return refusals.UNEXPECTED(reference)
}
