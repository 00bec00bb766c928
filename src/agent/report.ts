import type { Seen, Wanted } from '../contract/link.ts'
import type { Instance } from '../model/instance.ts'
import type { Finding } from './health.ts'
import { endNote, type Sighting } from './inventory.ts'
import type { RouterView } from './router/router.ts'

/** All that the agent knows of one instance. `awaited`: it has ended, and its log is still on the way to the server. */
export type Known = Sighting & { readonly finding: Finding; readonly lastWords: 'kept' | 'awaited' }

/** Pure: what the agent tells the server. */
export function seen(node: string, wanted: Wanted, instances: readonly Known[], router: RouterView): Seen {
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

function reported(node: string, { finding, error, lastWords, ...sighting }: Known): Instance {
  if (sighting.state !== 'exited') return { ...sighting, node, health: finding.health, note: finding.note || error }
  const ended = { ...sighting, node, health: 'unhealthy' as const, note: endNote({ ...sighting, error }) }
  return lastWords === 'kept' ? ended : { ...ended, state: 'running', exitCode: null, finishedAt: null }
}
