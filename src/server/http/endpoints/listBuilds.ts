import { listBuilds } from '../../../contract/builds.ts'
import * as builds from '../../store/builds.ts'
import { liveRelease } from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { buildView } from '../views/build.ts'

export const route = handle(listBuilds, async ({ store }, call) => {
  const { limit, before } = call.query
  return await store.read(async (tx) => {
    const { id } = await authorizedApp(tx, call)
    const live = await liveRelease(tx, id)
    return (await builds.listBuilds(tx, id, limit, before)).map((row) => buildView(row, live))
  })
})
