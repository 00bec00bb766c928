import { Pulse, unlessAborted } from '../../lib/pulse.ts'
import { isOver } from '../../model/operation.ts'
import type { OperationRow } from '../store/access.ts'
import { operationById } from '../store/operations.ts'
import type { Store } from '../store/store.ts'

/** The operation as it is when it is over, or at the signal. */
export async function untilOver(store: Store, operation: OperationRow, signal: AbortSignal): Promise<OperationRow> {
  const changed = new Pulse()
  const unsubscribe = store.onChange(['operations'], () => changed.ring())
  let row = operation
  try {
    for (;;) {
      const next = changed.next()
      row = (await store.read((tx) => operationById(tx, operation.id))) ?? row
      if (isOver(row.state) || signal.aborted) return row
      await unlessAborted(next, signal)
    }
  } finally {
    unsubscribe()
  }
}
