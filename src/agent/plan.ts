import type { Wanted, WantedApp, WantedSet } from '../contract/link.ts'
import type { Instance } from '../model/instance.ts'
import type { AppRoute, RouteServer } from './router/routes.ts'

/** What the plan needs to know of an instance. */
export type Candidate = Pick<Instance, 'id' | 'set' | 'state' | 'health' | 'address'> & {
  /** It has passed a probe at least once. */
  readonly proven: boolean
}

/** Pure: which instances get requests, which finish what they have. */
export function plan(wanted: Wanted, instances: readonly Candidate[]): AppRoute[] {
  const bySet = Map.groupBy(instances, ({ set }) => set)
  return wanted.apps.map((app) => ({ app: app.app, hosts: app.hosts, servers: serversOf(app, bySet) }))
}

function serversOf(app: WantedApp, bySet: ReadonlyMap<string, readonly Candidate[]>): RouteServer[] {
  const of = (role: WantedSet['role']) =>
    app.sets.filter((set) => set.role === role).flatMap((set) => reachable(set, bySet.get(set.id) ?? []))
  return [
    ...working(of('live')).map(({ server }) => ({ ...server, state: 'ready' as const })),
    ...of('draining').map(({ server }) => ({ ...server, state: 'drain' as const })),
  ]
}

/** Healthy ones; if none is, those that once were: a doubtful answer is better than none. */
function working(servers: readonly Reachable[]): readonly Reachable[] {
  const healthy = servers.filter(({ instance }) => instance.health === 'healthy')
  return healthy.length > 0 ? healthy : servers.filter(({ instance }) => instance.proven)
}

type Reachable = { readonly instance: Candidate; readonly server: Omit<RouteServer, 'state'> }

function reachable({ port }: WantedSet, instances: readonly Candidate[]): Reachable[] {
  if (port === null) return []
  return instances.flatMap((instance) => {
    const { id, address, state } = instance
    return state === 'running' && address !== null ? [{ instance, server: { id, address, port } }] : []
  })
}
