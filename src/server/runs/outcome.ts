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

/** Ends a run as its command ended, unless somebody had asked for its end; gives why it did not succeed. */
export const endWithCode = (store: Store, operation: Pick<OperationRow, 'id'>, code: number) =>
  end(store, operation, code === 0 ? undefined : refusal('COMMAND_FAILED', code))

/** Ends a run that did not come to an exit code; gives why. */
export const endWithReason = (store: Store, operation: Pick<OperationRow, 'id'>, reason: Refusal) =>
  end(store, operation, reason)

const end = (store: Store, { id }: Pick<OperationRow, 'id'>, reason: Refusal | undefined) =>
  store.write('operations', async (tx) => {
    const cancelBy = (await operationById(tx, id))?.cancel_by
    const told = cancelBy ? refusal('CANCELLED', cancelBy) : reason
    const state = told === undefined ? 'succeeded' : told.code === 'CANCELLED' ? 'cancelled' : 'failed'
    await endOperation(tx, id, state, told)
    return told
  })
