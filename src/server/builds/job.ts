import { log } from '../../lib/log.ts'
import { retrying } from '../../lib/retrying.ts'
import { mostAttempts } from '../../model/build.ts'
import { refusal } from '../../model/refusal.ts'
import { extendLease, type OpenBuild } from '../store/buildQueue.ts'
import { operationById } from '../store/operations.ts'
import { type Attempt, newAttempt } from './attempt.ts'
import { backIntoQueue, failWith, reasonOf, succeed } from './ending.ts'
import { answersWithin, EngineGone } from './engineWatch.ts'
import type { BuilderParts, BuilderTimes } from './parts.ts'
import { throughSteps } from './run.ts'

/** One build under way in this process. */
export type Job = {
  /** Ends exactly this build. */
  readonly cancel: () => void
  /** Settles when its row says how it ended, or that it waits again. Never rejects. */
  readonly done: Promise<void>
}

export const leaseUntil = ({ leaseMs }: BuilderTimes) => new Date(Date.now() + leaseMs).toISOString()

/** The row is ours; `stop` fires when the server stops. */
export function startJob(parts: BuilderParts, row: OpenBuild, owner: string, stop: AbortSignal): Job {
  const cancelled = new AbortController()
  const lost = new AbortController()
  const signal = AbortSignal.any([stop, cancelled.signal, lost.signal])
  const attempt = newAttempt(parts, row, owner, signal)
  const heartbeat = setInterval(() => void beat(attempt, lost), parts.times.leaseMs / 3).unref()
  const why = { stop, cancelled: cancelled.signal, lost: lost.signal }
  const done = toItsEnd(attempt, why)
    .catch((error) => log.error({ error, build: row.id }, 'a build ended without saying so'))
    .finally(() => clearInterval(heartbeat))
  return { cancel: () => cancelled.abort(), done }
}

async function beat({ store, row, owner, times }: Attempt, lost: AbortController): Promise<void> {
  try {
    const still = await store.write([], (tx) => extendLease(tx, row.id, { owner, until: leaseUntil(times) }))
    if (!still) lost.abort()
  } catch (error) {
    log.warn({ error, build: row.id }, 'the lease of a build cannot be extended; trying again')
  }
}

type Why = { readonly stop: AbortSignal; readonly cancelled: AbortSignal; readonly lost: AbortSignal }

async function toItsEnd(attempt: Attempt, why: Why): Promise<void> {
  const end = await outcome(attempt)
  if (why.stop.aborted) await settle(attempt, why, end)
  else await retrying({ build: attempt.row.id }, () => settle(attempt, why, end), why.stop)
}

type Outcome = { readonly success: Awaited<ReturnType<typeof throughSteps>> } | { readonly error: unknown }

const outcome = (attempt: Attempt): Promise<Outcome> =>
  endingWith(attempt.signal, throughSteps(attempt)).then(
    (success) => ({ success }),
    (error: unknown) => ({ error }),
  )

/** What does not hear the signal is not waited for. */
const patienceMs = 10_000

async function endingWith<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer = setTimeout(() => late.reject(signal.reason), patienceMs)
  }
  signal.addEventListener('abort', begin, { once: true })
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', begin)
  }
}

async function settle(attempt: Attempt, { stop, cancelled, lost }: Why, end: Outcome): Promise<void> {
  const { row, store } = attempt
  if (lost.aborted) return
  if ('success' in end) return await succeed(attempt, end.success)
  if (cancelled.aborted) {
    const operation = await store.read((tx) => operationById(tx, row.operation_id))
    return await failWith(attempt, refusal('CANCELLED', operation?.cancel_by ?? 'the end of its deploy'))
  }
  if (stop.aborted) return void (await backIntoQueue(attempt, row.attempts))
  if (end.error instanceof EngineGone) return await afterEngine(attempt, stop)
  await failWith(attempt, reasonOf(attempt, end.error))
}

/** Not the fault of the build: it is begun again when the Engine is back, which may take as long as a restart. */
async function afterEngine(attempt: Attempt, stop: AbortSignal): Promise<void> {
  const { row, engine, times, say } = attempt
  const attempts = row.attempts + 1
  if (attempts >= mostAttempts)
    return await failWith(attempt, refusal('INTERRUPTED', 'the Docker Engine ended each time'))
  say(' !     The Docker Engine went away in the middle of the build')
  const back = await answersWithin(engine, times.engineMs, AbortSignal.any([stop, attempt.signal]))
  if (back || stop.aborted) return void (await backIntoQueue(attempt, attempts))
  await failWith(attempt, refusal('UNAVAILABLE', 'the Docker Engine', 'it does not answer (see berth doctor)'))
}
