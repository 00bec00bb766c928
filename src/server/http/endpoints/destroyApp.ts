import { destroyApp } from '../../../contract/apps.ts'
import { refuse } from '../../../model/refusal.ts'
import { requestDestroy } from '../../store/operations.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(destroyApp, async (_, call) => {
  const row = await call.write(['operations', 'apps'], async (tx) => {
    const app = await authorizedApp(tx, call)
    if (call.body.confirm !== app.name) refuse('CONFIRM_NEEDED', app.name)
    return await requestDestroy(tx, app, call.actor.name)
  })
  return operationView(row)
})
