import { deployMetadata } from '../../../contract/metadata.ts'
import { refuse } from '../../../model/refusal.ts'
import { requestOperation } from '../../store/operations.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(deployMetadata, async (_, call) => {
  const { message, fresh } = call.body
  const source = { kind: 'metadata', ...(fresh && { fresh }) } as const
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    if (app.metadata === null)
      refuse('STATE', app.name, 'fetch', 'without metadata', 'given some (berth metadata set FILE)')
    return await requestOperation(tx, app, { kind: 'deploy', source, commit: null, message }, call.actor.name)
  })
  return operationView(row)
})
