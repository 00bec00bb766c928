import { health } from '../../../contract/health.ts'
import { handleAnyone } from '../handle.ts'

export const route = handleAnyone(health, async ({ store }) => {
  await store.read((tx) => tx.selectFrom('settings').select('name').limit(1).execute())
  return { ready: true as const }
})
