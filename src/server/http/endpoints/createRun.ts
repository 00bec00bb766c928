import { createRun } from '../../../contract/runs.ts'
import { refuse } from '../../../model/refusal.ts'
import { requestOperation } from '../../store/operations.ts'
import { liveRelease } from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(createRun, async (_, call) => {
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    if (!(await liveRelease(tx, app.id))) refuse('NOTHING_DEPLOYED', app.name)
    const input = { kind: 'run', command: call.body.command, tty: false, attached: false } as const
    return await requestOperation(tx, app, input, call.actor.name)
  })
  return operationView(row)
})
