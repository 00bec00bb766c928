import { deleteBuild } from '../../../contract/builds.ts'
import { dropPackage } from '../../store/packages.ts'
import { authorizedApp } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handle(deleteBuild, async (_, call) => {
  await call.write(['builds', 'packages'], async (tx) => {
    await dropPackage(tx, await wantedBuild(tx, await authorizedApp(tx, call), call.params.number))
  })
  return done
})
