import { isAway } from '../../engine/api.ts'
import { log } from '../../lib/log.ts'
import { Pulse } from '../../lib/pulse.ts'
import { retrying } from '../../lib/retrying.ts'
import { cancellable, isOver, type OperationKind, type Phase } from '../../model/operation.ts'
import { Refusal, refusal } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import type { OperationRow } from '../store/access.ts'
import { randomId } from '../store/ids.ts'
import { endOperation, inputOf, OperationOver, openOperations, operationById } from '../store/operations.ts'
import { failRelease, liveRelease, releaseOfOperation } from '../store/releases.ts'
import { setRole, setsOfOperation } from '../store/sets.ts'
import { building } from './building.ts'
import { destroying } from './destroying.ts'
import { finishing } from './finishing.ts'
import { gating } from './gating.ts'
import { removeOneOffs } from './oneOff.ts'
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
  finishing,
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
    await changed.wait(next, 30_000, signal)
  }
  unsubscribe()
  await Promise.allSettled(busy.values())
}

async function nextPerApp({ store }: Parts, busy: ReadonlyMap<string, unknown>): Promise<OperationRow[]> {
  const open = await store.read(openOperations).catch((error) => {
    log.error({ error }, 'operations cannot be read; trying again')
    return []
  })
  const first = new Map<string, OperationRow>()
  for (const operation of open.filter(({ kind }) => kind !== 'run')) {
    if (!busy.has(operation.app) && !first.has(operation.app)) first.set(operation.app, operation)
  }
  return [...first.values()]
}

/** What our own store or disk did to an operation is not its end: it is tried again. */
const toTheEnd = (parts: Parts, operation: OperationRow, stop: AbortSignal) =>
  retrying(
    { operation: operation.id },
    async () => {
      await throughPhases(parts, operation.id, stop)
      if (!stop.aborted) await cleanUp(parts, operation)
    },
    stop,
  )

async function throughPhases(parts: Parts, id: string, stop: AbortSignal): Promise<void> {
  const cancelled = new AbortController()
  const watch = () => void watchForCancel(parts, id, cancelled)
  const unsubscribe = parts.store.onChange(['operations'], watch)
  const signal = AbortSignal.any([stop, cancelled.signal])
  const say = (line: string) => parts.operationLogs.append(id, line)
  const read = () => parts.store.read((tx) => operationById(tx, id))
  try {
    let operation = await read()
    while (operation && !isOver(operation.state)) {
      const { phase } = operation
      await advance({ ...parts, operation, appId: operation.app_id ?? '', signal, stop, say })
      if (stop.aborted) return
      operation = await read()
      if (operation?.phase === phase) throw new Error(`phase ${phase} of operation ${id} did not end`)
    }
  } finally {
    unsubscribe()
  }
}

/** After these, other packages are needed than before. */
const packaging: readonly OperationKind[] = ['deploy', 'rollback', 'release']

/** Nobody needs these any more, and what cannot be removed now is removed by the reaper. */
async function cleanUp(parts: Parts, operation: OperationRow): Promise<void> {
  const { id } = operation
  const left = await Promise.allSettled([
    parts.removeSource(id),
    parts.operationLogs.finish(id),
    removeOneOffs(parts, operation),
    ...(packaging.includes(operation.kind) ? [parts.store.write('packages', async () => undefined)] : []),
  ])
  for (const one of left)
    if (one.status === 'rejected') log.warn({ error: one.reason, operation: id }, 'not cleaned up')
}

async function watchForCancel({ store }: Parts, id: string, cancelled: AbortController) {
  const operation = await store.read((tx) => operationById(tx, id)).catch(() => undefined)
  if (operation?.cancel_by && !isOver(operation.state) && cancellable.includes(operation.phase)) cancelled.abort()
}

/** One phase. Whatever it throws ends the operation with that reason, unless the server is stopping. */
async function advance(run: Run): Promise<void> {
  const { stop } = run
  try {
    await requireNotCancelled(run)
    await (inputOf(run.operation).kind === 'destroy' ? destroying(run) : perform[run.operation.phase](run))
    if (run.signal.aborted && !stop.aborted) await requireNotCancelled(run)
  } catch (error) {
    if (stop.aborted || error instanceof OperationOver) return
    if (servesAlready(run.operation) && !(error instanceof Refusal)) throw error
    await fail(run, await reasonOf(run, error))
  }
}

/** What went wrong with us after the swap does not undo it: the rest is tried again. */
const servesAlready = ({ kind, phase }: OperationRow) =>
  kind !== 'destroy' && (phase === 'swapping' || phase === 'finishing')

/** A phase that noticed the signal just returns: the reason is in the row. */
async function requireNotCancelled({ store, operation }: Run): Promise<void> {
  const now = await store.read((tx) => operationById(tx, operation.id))
  if (now?.cancel_by && !isOver(now.state) && cancellable.includes(now.phase)) throw refusal('CANCELLED', now.cancel_by)
}

async function reasonOf(run: Run, error: unknown): Promise<Refusal> {
  const now = await run.store.read((tx) => operationById(tx, run.operation.id))
  if (now?.cancel_by && run.signal.aborted) return refusal('CANCELLED', now.cancel_by)
  if (error instanceof Refusal) return error
  if (isAway(error)) return refusal('UNAVAILABLE', 'the Docker Engine', 'it does not answer (see berth doctor)')
  if (isDiskFull(error)) return refusal('UNAVAILABLE', 'the disk of Berth', 'it is full; make room on it')
  const reference = randomId(8)
  log.error({ error, operation: run.operation.id, reference }, 'operation failed unexpectedly')
  return refusal('UNEXPECTED', reference)
}

const isDiskFull = (error: unknown) =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code))

/** What it had started goes away; what served before was never touched. */
async function fail(run: Run, reason: Refusal): Promise<void> {
  const { operation, store } = run
  const state = reason.code === 'CANCELLED' ? 'cancelled' : 'failed'
  await sayWhy(run, reason).catch((error) => log.warn({ error, operation: operation.id }, 'its log misses its end'))
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

async function sayWhy({ store, operation, say }: Run, reason: Refusal): Promise<void> {
  await say(` !     ${reason.message}`)
  const [release, live] = await store.read(async (tx) => [
    await releaseOfOperation(tx, operation.id),
    await liveRelease(tx, operation.app_id ?? ''),
  ])
  if (!release || release.state === 'live') return
  const rest = live ? '; what ran before still does' : ''
  await say(` !     ${releaseName(release.number)} is not released${rest}`)
}
