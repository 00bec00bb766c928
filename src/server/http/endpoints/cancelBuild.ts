import { cancelBuild } from '../../../contract/builds.ts'
import { buildName, isBuildOver } from '../../../model/build.ts'
import { refuse } from '../../../model/refusal.ts'
import { operationById, requestCancel } from '../../store/operations.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handle(cancelBuild, async (_, call) => {
  const row = await call.write(['operations', 'builds'], async (tx) => {
    const build = await wantedBuild(tx, await authorizedApp(tx, call), call.params.number)
    if (isBuildOver(build.state)) refuse('STATE', buildName(build.number), 'cancel', 'over', 'queued or running')
    const operation = await operationById(tx, build.operation_id)
    if (!operation) return refuse('NOT_FOUND', 'operation', build.operation_id)
    await requestCancel(tx, operation, call.actor.name)
    return (await operationById(tx, operation.id)) ?? operation
  })
  return operationView(row)
})
