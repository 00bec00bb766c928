import { pinBuild } from '../../../contract/builds.ts'
import { setPinned } from '../../store/packages.ts'
import { liveRelease } from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { buildView } from '../views/build.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handle(pinBuild, (_, call) =>
  call.write(['builds', 'packages'], async (tx) => {
    const app = await authorizedApp(tx, call)
    const build = await wantedBuild(tx, app, call.params.number)
    await setPinned(tx, build, call.body.pinned)
    return buildView(await wantedBuild(tx, app, build.number), await liveRelease(tx, app.id))
  }),
)
