import { isAway } from '../../engine/api.ts'
import { log } from '../../lib/log.ts'
import { buildName, timingTable } from '../../model/build.ts'
import { Refusal, refusal } from '../../model/refusal.ts'
import { endBuild, giveBack, noteSteps, type Success, succeedBuild } from '../store/buildQueue.ts'
import { sourcesToKeep } from '../store/builds.ts'
import { randomId } from '../store/ids.ts'
import type { WriteTx } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import { keepSource } from './run.ts'

export async function succeed(attempt: Attempt, success: Success): Promise<void> {
  const { row, owner, store } = attempt
  sayTimes(attempt, 'Built')
  await ended(attempt, async (tx) => {
    await succeedBuild(tx, store.cipher, row.id, owner, success)
  })
}

/** Says nothing: the operation that waits for it says why it fails. */
export async function failWith(attempt: Attempt, reason: Refusal): Promise<void> {
  const state = reason.code === 'CANCELLED' ? 'cancelled' : 'failed'
  if (state === 'failed') sayTimes(attempt, 'Failed:')
  await ended(attempt, (tx) => endBuild(tx, attempt.row.id, state, { code: reason.code, message: reason.message }))
}

function sayTimes({ row, steps, say }: Attempt, how: string) {
  say(`-----> ${how} ${buildName(row.number)}`)
  for (const line of timingTable(steps.all, steps.totalMs)) say(`       ${line}`)
}

/** The log is whole and the source kept before anybody goes on. */
async function ended(attempt: Attempt, end: (tx: WriteTx) => Promise<void>): Promise<void> {
  const { row, store, steps } = attempt
  await attempt.said()
  await keepSource(attempt).catch((error) => log.warn({ error, build: row.id }, 'its source is not kept'))
  const kept = await store.write(['builds', 'packages'], async (tx) => {
    await noteSteps(tx, row.id, steps.all)
    await end(tx)
    return await sourcesToKeep(tx, row.app_id)
  })
  await attempt.keptSources
    .keepOnly(row.app, kept)
    .catch((error) => log.warn({ error, build: row.id }, 'old sources are left'))
}

/** For the next server, or the next attempt: `attempts` says how many have counted. */
export const backIntoQueue = ({ store, row, owner }: Attempt, attempts: number) =>
  store.write('builds', (tx) => giveBack(tx, { id: row.id, attempts }, owner))

export function reasonOf({ row }: Attempt, error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (isAway(error)) return refusal('UNAVAILABLE', 'the Docker Engine', 'it does not answer (see berth doctor)')
  if (isDiskFull(error)) return refusal('UNAVAILABLE', 'the disk of Berth', 'it is full; make room on it')
  const reference = randomId(8)
  log.error({ error, build: row.id, reference }, 'build failed unexpectedly')
  return refusal('UNEXPECTED', reference)
}

const isDiskFull = (error: unknown) =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code))
