import { showBuild } from '../../../contract/builds.ts'
import { packageOf } from '../../store/packageRows.ts'
import { liveRelease, releasesOfBuild } from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { buildDetail } from '../views/build.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handle(showBuild, ({ store }, call) =>
  store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    const row = await wantedBuild(tx, app, call.params.number)
    const releases = await releasesOfBuild(tx, app.id, row.number)
    const kept = await packageOf(tx, row.id)
    return buildDetail(row, { live: await liveRelease(tx, app.id), releases, kept })
  }),
)
