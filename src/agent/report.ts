import type { Seen, Wanted } from '../contract/link.ts'
import type { Instance } from '../model/instance.ts'
import type { Finding } from './health.ts'
import { endNote, type Sighting } from './inventory.ts'
import type { RouterView } from './router/router.ts'

/** Pure: what the agent tells the server. */
export function seen(
  node: string,
  wanted: Wanted,
  instances: readonly (Sighting & { readonly finding: Finding })[],
  router: RouterView,
): Seen {
  const setOf = new Map(instances.map(({ id, set }) => [id, set]))
  const draining = new Set(
    wanted.apps.flatMap(({ sets }) => sets.flatMap(({ id, role }) => (role === 'draining' ? [id] : []))),
  )
  const busy: Record<string, number> = {}
  for (const [id, count] of router.busy) {
    const set = setOf.get(id)
    if (set !== undefined && draining.has(set)) busy[set] = (busy[set] ?? 0) + count
  }
  const routed = [...router.ready].flatMap((id) => setOf.get(id) ?? [])
  return {
    node,
    instances: instances.map((instance) => reported(node, instance)),
    router: { revision: router.revision, routed: [...new Set(routed)].sort(), busy },
  }
}

function reported(node: string, { finding, error, ...sighting }: Sighting & { readonly finding: Finding }): Instance {
  if (sighting.state === 'exited')
    return { ...sighting, node, health: 'unhealthy', note: endNote({ ...sighting, error }) }
  return { ...sighting, node, health: finding.health, note: finding.note || error }
}
