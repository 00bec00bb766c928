import { listOperations } from '../../../contract/operations.ts'
import * as operations from '../../store/operations.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(listOperations, async ({ store }, { actor, query }) => {
  const seen = actor.role === 'admin' ? {} : { teamIds: Object.keys(actor.teams) }
  const rows = await store.read((tx) => operations.listOperations(tx, { ...query, ...seen }))
  return rows.map(operationView)
})
