import { linesOf } from '../../engine/lines.ts'
import { log } from '../../lib/log.ts'
import { firstOf, Pulse } from '../../lib/pulse.ts'
import type { Outcome } from '../../model/operation.ts'
import { Refusal, refusal } from '../../model/refusal.ts'
import type { OperationRow } from '../store/access.ts'
import { endOperation, enterPhase, inputOf, openOperations, operationById } from '../store/operations.ts'
import { containerName, createContainer, type Parts } from './container.ts'

/** Takes detached runs from the store, several at once; after a restart it goes on with those whose container lives. */
export async function runDetached(parts: Parts, signal: AbortSignal): Promise<void> {
  await endLostAttached(parts)
  const busy = new Map<string, Promise<void>>()
  const changed = new Pulse()
  const unsubscribe = parts.store.onChange(['operations'], () => changed.ring())
  while (!signal.aborted) {
    const next = changed.next()
    const runs = (await parts.store.read(openOperations)).filter(isDetached)
    for (const operation of runs.filter(({ id }) => !busy.has(id))) {
      busy.set(
        operation.id,
        toTheEnd(parts, operation, signal).finally(() => busy.delete(operation.id)),
      )
    }
    await cancelAsked(parts, runs)
    await firstOf(next, 30_000, signal)
  }
  unsubscribe()
  await Promise.allSettled(busy.values())
}

function isDetached(operation: OperationRow): boolean {
  const input = inputOf(operation)
  return input.kind === 'run' && !input.attached
}

/** Nobody is at the other end any more. */
async function endLostAttached({ store, engine, cluster }: Parts) {
  const lost = (await store.read(openOperations)).filter((one) => one.kind === 'run' && !isDetached(one))
  for (const operation of lost) {
    await engine.containers.remove(containerName(cluster, operation))
    const reason = refusal('INTERRUPTED', 'the server was restarted')
    await store.write('operations', (tx) => endOperation(tx, operation.id, 'failed', reason))
  }
}

async function cancelAsked({ engine, cluster }: Parts, runs: readonly OperationRow[]) {
  const asked = runs.filter(({ cancel_by }) => cancel_by !== null)
  await Promise.all(asked.map((operation) => engine.containers.stop(containerName(cluster, operation), 1)))
}

async function toTheEnd(parts: Parts, operation: OperationRow, signal: AbortSignal): Promise<void> {
  try {
    const code = await followContainer(parts, operation, signal)
    if (signal.aborted) return
    const now = (await parts.store.read((tx) => operationById(tx, operation.id))) ?? operation
    await finish(parts, operation, code === 0 ? undefined : exitOutcome(now, code))
  } catch (error) {
    if (signal.aborted) return
    log.warn({ error, operation: operation.id }, 'detached run failed')
    await finish(parts, operation, error instanceof Refusal ? error : refusal('UNEXPECTED', operation.id))
  }
}

async function followContainer(parts: Parts, operation: OperationRow, signal: AbortSignal): Promise<number> {
  const { containers } = parts.engine
  const id = await startedContainer(parts, operation)
  const ended = containers.wait(id, signal)
  ended.catch(() => undefined)
  for await (const line of linesOf(await containers.logs(id, { follow: true, signal }))) {
    await parts.operationLogs.append(operation.id, line)
  }
  const code = await ended
  await containers.remove(id)
  return code
}

async function startedContainer(parts: Parts, operation: OperationRow): Promise<string> {
  const { containers } = parts.engine
  if (operation.cancel_by) throw refusal('CANCELLED', operation.cancel_by)
  const known = await containers.inspect(containerName(parts.cluster, operation))
  if (known && known.state !== 'created') return known.id
  const input = inputOf(operation)
  const command = input.kind === 'run' ? input.command : []
  const id = known?.id ?? (await createContainer(parts, operation, { command, tty: false, stdin: false }))
  await parts.store.write('operations', (tx) => enterPhase(tx, operation, 'releasing'))
  await containers.start(id)
  return id
}

const exitOutcome = ({ cancel_by }: OperationRow, code: number): Outcome =>
  cancel_by === null ? refusal('COMMAND_FAILED', code) : refusal('CANCELLED', cancel_by)

async function finish({ store, operationLogs }: Parts, { id }: OperationRow, outcome: Outcome | undefined) {
  const state = outcome === undefined ? 'succeeded' : outcome.code === 'CANCELLED' ? 'cancelled' : 'failed'
  await store.write('operations', (tx) => endOperation(tx, id, state, outcome))
  await operationLogs.finish(id)
}
