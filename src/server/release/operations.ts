import { log } from '../../lib/log.ts'
import { firstOf, Pulse } from '../../lib/pulse.ts'
import { cancellable, isOver, type Phase } from '../../model/operation.ts'
import { Refusal, refusal } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import type { OperationRow } from '../store/access.ts'
import { randomId } from '../store/ids.ts'
import { endOperation, inputOf, openOperations, operationById } from '../store/operations.ts'
import { failRelease, releaseOfOperation } from '../store/releases.ts'
import { setRole, setsOfOperation } from '../store/sets.ts'
import { building } from './building.ts'
import { destroying } from './destroying.ts'
import { gating } from './gating.ts'
import type { Parts, Run } from './parts.ts'
import { prepare } from './prepare.ts'
import { releasing } from './releasing.ts'
import { swapping } from './swapping.ts'

/** Each takes its operation to the next phase, or throws why it cannot; each may be entered again after a crash. */
const perform: { readonly [P in Phase]: (run: Run) => Promise<void> } = {
  queued: prepare,
  building,
  releasing,
  gating,
  swapping,
  done: async () => undefined,
}

/** The release path: one operation per app at a time, oldest first, until the signal; then the rest stays for later. */
export async function runOperations(parts: Parts, signal: AbortSignal): Promise<void> {
  const busy = new Map<string, Promise<void>>()
  const changed = new Pulse()
  const unsubscribe = parts.store.onChange(['operations'], () => changed.ring())
  while (!signal.aborted) {
    const next = changed.next()
    for (const operation of await nextPerApp(parts, busy)) {
      const { app } = operation
      const done = toTheEnd(parts, operation, signal).finally(() => {
        busy.delete(app)
        changed.ring()
      })
      busy.set(app, done)
    }
    await firstOf(next, 30_000, signal)
  }
  unsubscribe()
  await Promise.allSettled(busy.values())
}

async function nextPerApp(parts: Parts, busy: ReadonlyMap<string, unknown>): Promise<OperationRow[]> {
  const open = (await parts.store.read(openOperations)).filter(({ kind }) => kind !== 'run')
  const first = new Map<string, OperationRow>()
  for (const operation of open) {
    if (!busy.has(operation.app) && !first.has(operation.app)) first.set(operation.app, operation)
  }
  return [...first.values()]
}

async function toTheEnd(parts: Parts, first: OperationRow, stop: AbortSignal): Promise<void> {
  const { store } = parts
  const cancelled = new AbortController()
  const unsubscribe = store.onChange(['operations'], () => void watchForCancel(parts, first.id, cancelled))
  const signal = AbortSignal.any([stop, cancelled.signal])
  const say = (line: string) => parts.operationLogs.append(first.id, line)
  try {
    for (let operation = first; !isOver(operation.state); ) {
      await advance({ ...parts, operation, appId: operation.app_id ?? '', signal, say }, stop)
      if (stop.aborted) return
      operation = (await store.read((tx) => operationById(tx, first.id))) ?? { ...operation, state: 'succeeded' }
    }
    await parts.removeSource(first.id)
    await parts.operationLogs.finish(first.id)
  } catch (error) {
    log.error({ error, operation: first.id }, 'operation left as it is; the next look goes on with it')
  } finally {
    unsubscribe()
  }
}

async function watchForCancel({ store }: Parts, id: string, cancelled: AbortController) {
  const operation = await store.read((tx) => operationById(tx, id)).catch(() => undefined)
  if (operation?.cancel_by) cancelled.abort()
}

/** One phase. Whatever it throws ends the operation with that reason, unless the server is stopping. */
async function advance(run: Run, stop: AbortSignal): Promise<void> {
  try {
    if (run.operation.cancel_by && cancellable.includes(run.operation.phase))
      throw refusal('CANCELLED', run.operation.cancel_by)
    await (inputOf(run.operation).kind === 'destroy' ? destroying(run) : perform[run.operation.phase](run))
    if (run.signal.aborted && !stop.aborted) await cancelIfAsked(run)
  } catch (error) {
    if (!stop.aborted) await fail(run, await reasonOf(run, error))
  }
}

async function reasonOf(run: Run, error: unknown): Promise<Refusal> {
  const now = await run.store.read((tx) => operationById(tx, run.operation.id))
  if (now?.cancel_by && run.signal.aborted) return refusal('CANCELLED', now.cancel_by)
  if (error instanceof Refusal) return error
  if (isConnectionError(error))
    return refusal('UNAVAILABLE', 'the Docker Engine', 'it does not answer (see berth doctor)')
  const reference = randomId(8)
  log.error({ error, operation: run.operation.id, reference }, 'operation failed unexpectedly')
  return refusal('UNEXPECTED', reference)
}

const isConnectionError = (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE'].includes(String(error.code))

/** A phase that noticed the signal just returned: the reason is in the row. */
async function cancelIfAsked(run: Run) {
  const now = await run.store.read((tx) => operationById(tx, run.operation.id))
  if (now?.cancel_by && !isOver(now.state) && cancellable.includes(now.phase)) throw refusal('CANCELLED', now.cancel_by)
}

/** What it had started goes away; what served before was never touched. */
async function fail(run: Run, reason: Refusal): Promise<void> {
  const { operation, store } = run
  await run.say(` !     ${reason.message}`)
  const state = reason.code === 'CANCELLED' ? 'cancelled' : 'failed'
  const release = await store.read((tx) => releaseOfOperation(tx, operation.id))
  if (release) await run.say(` !     ${releaseName(release.number)} is not released; what ran before still does`)
  await store.write(['operations', 'sets'], async (tx) => {
    const starting = (await setsOfOperation(tx, operation.id)).filter(({ role }) => role === 'starting')
    await setRole(
      tx,
      starting.map(({ id }) => id),
      'draining',
    )
    await failRelease(tx, operation.id)
    await endOperation(tx, operation.id, state, { code: reason.code, message: reason.message })
  })
}
