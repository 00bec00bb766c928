import { platformStatus } from '../../../contract/health.ts'
import { routers } from '../../store/instances.ts'
import { counts } from '../../store/overview.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(platformStatus, async ({ store, settings }, call) => {
  onPlatform(call)
  const { version, domain, startedAt } = settings
  return await store.read(async (tx) => {
    const nodes = (await routers(tx)).map(({ node, seen_at, revision, routed }) => ({
      node,
      seenAt: seen_at,
      revision,
      routed: (JSON.parse(routed) as string[]).length,
    }))
    return { version, domain, startedAt, counts: await counts(tx), nodes }
  })
})
