import { cancelOperation } from '../../../contract/operations.ts'
import { operationById, requestCancel } from '../../store/operations.ts'
import { authorizedOperation } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(cancelOperation, async (_, call) => {
  const row = await call.write('operations', async (tx) => {
    const operation = await authorizedOperation(tx, call)
    await requestCancel(tx, operation, call.actor.name)
    return (await operationById(tx, operation.id)) ?? operation
  })
  return operationView(row)
})
