import { showOperation } from '../../../contract/operations.ts'
import { authorizedOperation } from '../authorized.ts'
import { handle } from '../handle.ts'
import { untilOver } from '../untilOver.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(showOperation, async ({ store }, call) => {
  const row = await store.read((tx) => authorizedOperation(tx, call))
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(call.query.wait * 1_000 + 1)])
  return operationView(call.query.wait === 0 ? row : await untilOver(store, row, signal))
})
