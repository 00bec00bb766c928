import { createRelease } from '../../../contract/builds.ts'
import { refuse } from '../../../model/refusal.ts'
import { releaseName } from '../../../model/release.ts'
import { requestOperation } from '../../store/operations.ts'
import { requirePackage } from '../../store/packages.ts'
import { releaseByNumber } from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handle(createRelease, async (_, call) => {
  const { build: number, envFrom = null } = call.body
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    requirePackage(await wantedBuild(tx, app, number), 'release')
    if (envFrom !== null && !(await releaseByNumber(tx, app.id, envFrom)))
      refuse('NOT_FOUND', 'release', releaseName(envFrom))
    return await requestOperation(tx, app, { kind: 'release', build: number, envFrom }, call.actor.name)
  })
  return operationView(row)
})
