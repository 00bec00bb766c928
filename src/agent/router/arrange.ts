import { apiBackend, backendName } from './render.ts'
import type { AppRoute, Layout, RouterSettings, RouteServer } from './routes.ts'
import type { Running } from './running.ts'
import { isSafe } from './token.ts'

/** Backends kept ready for new apps, for a backend cannot be made without a reload. */
const spareBackends = 32

/** Which backend each app has. */
export type Assignment = ReadonlyMap<string, string>

/**
 * Gives every app a backend: the one it had, the one that its hosts already lead to, or a spare one. `backends` grows
 * beyond what HAProxy has when there are too few.
 */
export function arrange(
  routes: readonly AppRoute[],
  running: Pick<Running, 'backends' | 'hosts' | 'wildcards'>,
  previous: Assignment,
  settings: Pick<RouterSettings, 'api'>,
): Layout {
  const owned = withoutTaken(routes, settings.api.host)
  const apps = assign(owned, running, previous)
  const missing = apps.size + spareBackends / 4 - running.backends.length
  return {
    backends:
      missing > 0 ? grown(running.backends, apps.size + Math.max(spareBackends, apps.size >> 2)) : running.backends,
    apps,
    ...hostMaps(owned, apps, settings.api.host),
    servers: new Map(owned.map(({ app, servers }) => [apps.get(app) ?? '', servers])),
  }
}

/** The first app of a host keeps it; text that HAProxy could misread is left out, so that it harms nobody else. */
function withoutTaken(routes: readonly AppRoute[], apiHost: string): AppRoute[] {
  const taken = new Set([apiHost])
  return routes
    .filter(({ app }) => isSafe(app))
    .map(({ app, hosts, servers }) => ({
      app,
      hosts: hosts.filter((host) => isSafe(hostKey(host)) && !taken.has(host) && taken.add(host)),
      servers: servers.filter(isSafeServer),
    }))
    .filter(({ hosts }) => hosts.length > 0)
}

const isSafeServer = ({ id, address, port }: RouteServer) =>
  isSafe(id) && /^[0-9a-f.:]+$/.test(address) && Number.isInteger(port) && port > 0 && port < 65_536

function assign(
  routes: readonly AppRoute[],
  running: Pick<Running, 'backends' | 'hosts' | 'wildcards'>,
  previous: Assignment,
) {
  const free = new Set(running.backends)
  const apps = new Map<string, string>()
  const give = (app: string, backend: string | undefined) => {
    if (backend !== undefined && !apps.has(app) && free.delete(backend)) apps.set(app, backend)
  }
  for (const { app } of routes) give(app, previous.get(app))
  for (const { app, hosts } of routes) {
    for (const host of hosts) give(app, running[mapOf(host)].get(hostKey(host)))
  }
  const spare = spareNames(running.backends, free, new Set([...running.hosts.values(), ...running.wildcards.values()]))
  for (const { app } of routes) if (!apps.has(app)) apps.set(app, spare.next().value)
  return apps
}

/** Backends that nothing leads to first, then those about to be left, then ones that do not exist yet. */
function* spareNames(
  backends: readonly string[],
  free: ReadonlySet<string>,
  used: ReadonlySet<string>,
): Generator<string, never> {
  const names = [...free]
  yield* names.filter((name) => !used.has(name))
  yield* names.filter((name) => used.has(name))
  for (let next = backends.length + 1; ; next++) yield backendName(next)
}

const grown = (backends: readonly string[], count: number) =>
  Array.from({ length: Math.max(count, backends.length) }, (_, index) => backends[index] ?? backendName(index + 1))

function hostMaps(routes: readonly AppRoute[], apps: Assignment, apiHost: string) {
  const maps = { hosts: new Map([[apiHost, apiBackend]]), wildcards: new Map<string, string>() }
  for (const { app, hosts } of routes) {
    for (const host of hosts) maps[mapOf(host)].set(hostKey(host), apps.get(app) ?? '')
  }
  return maps
}

const mapOf = (host: string) => (host.startsWith('*.') ? 'wildcards' : 'hosts')
const hostKey = (host: string) => host.replace(/^\*\./, '')

/** The layout of a router that has no app yet. */
export const emptyLayout = (settings: Pick<RouterSettings, 'api'>): Layout =>
  arrange([], { backends: [], hosts: new Map(), wildcards: new Map() }, new Map(), settings)
