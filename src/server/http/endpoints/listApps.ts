import { listApps } from '../../../contract/apps.ts'
import { appsSeenBy } from '../../store/overview.ts'
import { handle } from '../handle.ts'
import { appSummary } from '../views/app.ts'

export const route = handle(listApps, async ({ store, settings }, { actor }) => {
  const apps = await store.read((tx) => appsSeenBy(tx, actor))
  return apps.map((facts) => appSummary(facts, settings))
})
