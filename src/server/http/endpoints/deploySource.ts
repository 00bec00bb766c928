import { deploySource } from '../../../contract/sources.ts'
import { refuse } from '../../../model/refusal.ts'
import { requestOperation } from '../../store/operations.ts'
import { deployOf, sourceOf } from '../../store/sources.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(deploySource, async (_, call) => {
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    const source = await sourceOf(tx, app.id)
    if (!source) return refuse('STATE', app.name, 'fetch', 'without a source', 'given one (berth source set URL)')
    return await requestOperation(tx, app, deployOf(source, call.body), call.actor.name)
  })
  return operationView(row)
})
