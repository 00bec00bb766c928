import { EngineError, isAway } from '../../engine/api.ts'
import { log } from '../../lib/log.ts'
import { Refusal, refusal } from '../../model/refusal.ts'
import type { OperationRow } from '../store/access.ts'
import { endOperation, OperationOver, operationById } from '../store/operations.ts'
import type { Store } from '../store/store.ts'

/** Why a command did not run, for people. */
export function reasonOf(error: unknown, { id }: Pick<OperationRow, 'id'>): Refusal {
  if (error instanceof Refusal) return error
  if (isAway(error)) return refusal('UNAVAILABLE', 'the Docker Engine', 'it does not answer (see berth doctor)')
  if (error instanceof EngineError && error.status === 400) return refusal('INVALID', 'command', error.message)
  if (!(error instanceof OperationOver)) log.error({ error, operation: id }, 'run failed unexpectedly')
  return refusal('UNEXPECTED', id)
}

/** Ends a run as its command ended, unless somebody had asked for its end; gives that reason then. */
export const endWithCode = (store: Store, { id }: Pick<OperationRow, 'id'>, code: number) =>
  store.write('operations', async (tx) => {
    const cancelBy = (await operationById(tx, id))?.cancel_by
    const cancelled = cancelBy ? refusal('CANCELLED', cancelBy) : undefined
    if (cancelled) await endOperation(tx, id, 'cancelled', cancelled)
    else if (code === 0) await endOperation(tx, id, 'succeeded')
    else await endOperation(tx, id, 'failed', refusal('COMMAND_FAILED', code))
    return cancelled
  })

export const endWithReason = (store: Store, { id }: Pick<OperationRow, 'id'>, reason: Refusal) =>
  store.write('operations', (tx) => endOperation(tx, id, reason.code === 'CANCELLED' ? 'cancelled' : 'failed', reason))
