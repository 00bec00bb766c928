import { restart } from '../../../contract/releases.ts'
import { requestOperation } from '../../store/operations.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { knownProcesses } from '../knownProcesses.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(restart, async (_, call) => {
  const { processes } = call.body
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    await knownProcesses(tx, app, 'processes', processes)
    return await requestOperation(tx, app, { kind: 'restart', processes: [...new Set(processes)] }, call.actor.name)
  })
  return operationView(row)
})
