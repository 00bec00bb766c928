import { isAway } from '../../engine/api.ts'
import { linesOf } from '../../engine/lines.ts'
import { log } from '../../lib/log.ts'
import { Pulse } from '../../lib/pulse.ts'
import { retrying } from '../../lib/retrying.ts'
import { isOver } from '../../model/operation.ts'
import { refusal, refuse } from '../../model/refusal.ts'
import type { OperationRow } from '../store/access.ts'
import { now } from '../store/ids.ts'
import { enterPhase, inputOf, openOperations, operationById } from '../store/operations.ts'
import { containerName, createContainer, type Parts } from './container.ts'
import { endWithCode, endWithReason, reasonOf } from './outcome.ts'

/** Takes detached runs from the store, several at once; after a restart it goes on with those whose container lives. */
export async function runDetached(parts: Parts, signal: AbortSignal): Promise<void> {
  const lost = endLostAttached(parts, signal)
  const busy = new Map<string, Promise<unknown>>()
  const changed = new Pulse()
  const unsubscribe = parts.store.onChange(['operations'], () => changed.ring())
  while (!signal.aborted) {
    const next = changed.next()
    const runs = await openRuns(parts)
    for (const operation of runs.filter(({ id }) => !busy.has(id))) {
      const done = retrying({ operation: operation.id }, () => toTheEnd(parts, operation.id, signal), signal)
      busy.set(
        operation.id,
        done.finally(() => busy.delete(operation.id)),
      )
    }
    await cancelAsked(parts, runs)
    await changed.wait(next, 30_000, signal)
  }
  unsubscribe()
  await Promise.allSettled([lost, ...busy.values()])
}

async function openRuns({ store }: Parts): Promise<OperationRow[]> {
  const open = await store.read(openOperations).catch((error) => {
    log.error({ error }, 'runs cannot be read; trying again')
    return []
  })
  return open.filter(isDetached)
}

function isDetached(operation: OperationRow): boolean {
  const input = inputOf(operation)
  return input.kind === 'run' && !input.attached
}

/** Of the server before this one: nobody is at the other end any more. */
async function endLostAttached(parts: Parts, signal: AbortSignal) {
  const { store, engine, cluster } = parts
  const began = now()
  const endAll = async () => {
    const open = (await store.read(openOperations)).filter((one) => one.kind === 'run' && !isDetached(one))
    for (const operation of open.filter(({ created_at }) => created_at < began)) {
      await engine.containers.remove(containerName(cluster, operation))
      await endWithReason(store, operation, refusal('INTERRUPTED', 'the server was restarted'))
    }
  }
  await retrying({ runs: 'attached' }, endAll, signal)
}

async function cancelAsked({ engine, cluster }: Parts, runs: readonly OperationRow[]) {
  const asked = runs.filter(({ cancel_by }) => cancel_by !== null)
  const stops = asked.map((operation) => engine.containers.stop(containerName(cluster, operation), 1))
  for (const one of await Promise.allSettled(stops))
    if (one.status === 'rejected') log.warn({ error: one.reason }, 'a cancelled run is not stopped yet')
}

/** An Engine that is away is waited for: the command goes on without us, or its exit code is found afterwards. */
async function toTheEnd(parts: Parts, id: string, signal: AbortSignal): Promise<void> {
  const operation = await parts.store.read((tx) => operationById(tx, id))
  if (!operation || isOver(operation.state)) return
  try {
    const code = await followContainer(parts, operation, signal)
    if (!signal.aborted) await endWithCode(parts.store, operation, code)
  } catch (error) {
    if (signal.aborted) return
    if (isAway(error)) throw error
    await endWithReason(parts.store, operation, reasonOf(error, operation))
  }
  if (signal.aborted) return
  await parts.operationLogs.finish(id)
  await parts.engine.containers.remove(containerName(parts.cluster, operation))
}

async function followContainer(parts: Parts, operation: OperationRow, signal: AbortSignal): Promise<number> {
  const { containers } = parts.engine
  const id = await startedContainer(parts, operation)
  const ended = containers.wait(id, signal)
  ended.catch(() => undefined)
  let known = (await parts.operationLogs.read(operation.id)).length
  for await (const line of linesOf(await containers.logs(id, { follow: true, signal }))) {
    if (known-- <= 0) await parts.operationLogs.append(operation.id, line)
  }
  return await ended
}

/** Whatever happens, the command is started once: nobody knows what twice would do. */
async function startedContainer(parts: Parts, operation: OperationRow): Promise<string> {
  const { containers } = parts.engine
  const known = await containers.inspect(containerName(parts.cluster, operation))
  if (known && known.state !== 'created') return known.id
  if (operation.phase !== 'queued' && !known) return refuse('INTERRUPTED', 'its container is gone')
  const id = known?.id ?? (await newContainer(parts, operation))
  await parts.store.write('operations', (tx) => enterPhase(tx, operation, 'releasing'))
  await containers.start(id)
  return id
}

async function newContainer(parts: Parts, operation: OperationRow): Promise<string> {
  if (operation.cancel_by) refuse('CANCELLED', operation.cancel_by)
  const input = inputOf(operation)
  const command = input.kind === 'run' ? input.command : []
  return await createContainer(parts, operation, { command, tty: false, stdin: false })
}
