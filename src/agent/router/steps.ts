import { apiBackend, mapPath, serverArguments } from './render.ts'
import type { Layout, MapName, RouterSettings, RouteServer } from './routes.ts'
import type { Running, RunningServer, ServerState } from './running.ts'
import { ipAddress, portNumber, token } from './token.ts'

type At = { readonly backend: string; readonly id: string }

export type Step =
  | ({ readonly do: 'add' } & At & Pick<RouteServer, 'address' | 'port'>)
  | ({ readonly do: 'move' } & At & Pick<RouteServer, 'address' | 'port'>)
  | ({ readonly do: 'state'; readonly state: ServerState } & At)
  | ({ readonly do: 'delete' } & At)
  | {
      readonly do: 'map'
      readonly map: MapName
      readonly key: string
      readonly backend: string
      readonly known: boolean
    }
  | { readonly do: 'unmap'; readonly map: MapName; readonly key: string }

/**
 * From what HAProxy has to what it should have, in an order in which every host always has a server that can answer.
 * Backends that it does not have yet are left for after the reload that makes them.
 */
export function stepsTo(layout: Layout, running: Running): Step[] {
  const servers = running.backends.flatMap((backend) =>
    serverSteps(backend, layout.servers.get(backend) ?? [], running.servers.get(backend) ?? new Map()),
  )
  const known = new Set([apiBackend, ...running.backends])
  const maps = (['hosts', 'wildcards'] as const).flatMap((map) => mapSteps(map, layout[map], running[map]))
  const possible = maps.filter((step) => step.do !== 'map' || known.has(step.backend))
  return [...servers, ...possible].sort((a, b) => rank(a) - rank(b))
}

/** More capacity first, then where requests go, then less. */
function rank(step: Step): number {
  if (step.do === 'add' || step.do === 'move') return 0
  if (step.do === 'state') return { ready: 1, drain: 3, maint: 5 }[step.state]
  return { map: 2, unmap: 4, delete: 6 }[step.do]
}

function serverSteps(
  backend: string,
  wanted: readonly RouteServer[],
  found: ReadonlyMap<string, RunningServer>,
): Step[] {
  const ids = new Set(wanted.map(({ id }) => id))
  const leaving = [...found].filter(([id]) => !ids.has(id))
  return [
    ...wanted.flatMap((server) => wantedSteps(backend, server, found.get(server.id))),
    ...leaving.flatMap(([id, { state }]) => leavingSteps({ backend, id }, state)),
  ]
}

function wantedSteps(
  backend: string,
  { id, address, port, state }: RouteServer,
  found: RunningServer | undefined,
): Step[] {
  const at = { backend, id }
  if (!found)
    return state === 'drain'
      ? []
      : [
          { do: 'add', ...at, address, port },
          { do: 'state', ...at, state },
        ]
  const moved = found.address !== address || found.port !== port
  return [
    ...(moved ? [{ do: 'move' as const, ...at, address, port }] : []),
    ...(found.state !== state ? [{ do: 'state' as const, ...at, state }] : []),
  ]
}

const leavingSteps = (at: At, state: ServerState): Step[] => [
  ...(state === 'maint' ? [] : [{ do: 'state' as const, ...at, state: 'maint' as const }]),
  { do: 'delete', ...at },
]

const mapSteps = (map: MapName, wanted: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): Step[] => [
  ...[...wanted]
    .filter(([key, backend]) => found.get(key) !== backend)
    .map(([key, backend]): Step => ({ do: 'map', map, key, backend, known: found.has(key) })),
  ...[...found.keys()].filter((key) => !wanted.has(key)).map((key): Step => ({ do: 'unmap', map, key })),
]

/** The step as HAProxy's command. */
export function command(step: Step, settings: RouterSettings): string {
  switch (step.do) {
    case 'add':
      return `add server ${server(step)} ${serverArguments(step)}`
    case 'move':
      return `set server ${server(step)} addr ${ipAddress(step.address)} port ${portNumber(step.port)}`
    case 'state':
      return `set server ${server(step)} state ${step.state}`
    case 'delete':
      return `del server ${server(step)}`
    case 'map':
      return `${step.known ? 'set' : 'add'} map ${mapPath(settings, step.map)} ${token(step.key)} ${token(step.backend)}`
    case 'unmap':
      return `del map ${mapPath(settings, step.map)} ${token(step.key)}`
  }
}

const server = ({ backend, id }: At) => `${token(backend)}/${token(id)}`

/** `later` is a deletion that open connections still forbid. */
export function outcome(step: Step, answer: string): 'done' | 'later' | 'failed' {
  if (step.do === 'delete' && /still has connections|queue/i.test(answer)) return 'later'
  if (step.do === 'move') return /^(IP changed|no need to change|port changed)/i.test(answer) ? 'done' : 'failed'
  return answer === '' || /^(New server registered|Server deleted)\.$/.test(answer) ? 'done' : 'failed'
}

/** Writes down what HAProxy has accepted. */
export function record(step: Step, running: Running) {
  if (step.do === 'map') running[step.map].set(step.key, step.backend)
  else if (step.do === 'unmap') running[step.map].delete(step.key)
  else recordServer(step, running)
}

function recordServer(step: Exclude<Step, { do: 'map' | 'unmap' }>, { servers }: Running) {
  const backend = servers.get(step.backend) ?? new Map<string, RunningServer>()
  servers.set(step.backend, backend)
  const known = backend.get(step.id)
  if (step.do === 'delete') backend.delete(step.id)
  else if (step.do === 'add') backend.set(step.id, { address: step.address, port: step.port, state: 'maint' })
  else if (known)
    Object.assign(known, step.do === 'move' ? { address: step.address, port: step.port } : { state: step.state })
}
