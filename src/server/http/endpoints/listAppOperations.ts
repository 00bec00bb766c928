import { listAppOperations } from '../../../contract/operations.ts'
import { listOperations } from '../../store/operations.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(listAppOperations, async ({ store }, call) => {
  const rows = await store.read(async (tx) =>
    listOperations(tx, { ...call.query, appId: (await authorizedApp(tx, call)).id }),
  )
  return rows.map(operationView)
})
