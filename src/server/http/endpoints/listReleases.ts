import { listReleases } from '../../../contract/releases.ts'
import * as releases from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { releaseView } from '../views/release.ts'

export const route = handle(listReleases, async ({ store }, call) => {
  const { limit, before } = call.query
  const rows = await store.read(async (tx) =>
    releases.listReleases(tx, (await authorizedApp(tx, call)).id, limit, before),
  )
  return rows.map(releaseView)
})
