import { processName } from '../../names.ts'
import type { DeclaredProcess, Definition } from '../declared.ts'
import { checked, fail } from '../read.ts'
import type { Roles } from './roles.ts'
import type { Service } from './service.ts'
import { type Composed, warn } from './values.ts'

/** Services of one build, as one app: what they have in common is the app's, the rest is each process's own. */
export function appOf(composed: Composed, services: readonly Service[], { build, web }: Roles): Partial<Definition> {
  const once = services.find(({ name }) => services.some(({ after }) => after.includes(name)))
  const running = services.filter((service) => service !== once)
  const common = commonOf(services)
  const routed = running.find(({ name }) => name === web?.name)
  const port = routed && portOf(composed, routed)
  const graces = running.flatMap(({ stopGraceMs }) => stopGraceMs ?? [])
  const processes = named(composed, running, routed, common)
  return {
    build,
    processes,
    ...(once && releaseOf(composed, once)),
    ...(routed?.checked && { health: routed.checked.health }),
    env: common,
    required: [...new Set(services.flatMap(({ required }) => required))].filter((name) => !Object.hasOwn(common, name)),
    scale: Object.fromEntries(processes.map(({ name }, index) => [name, running[index]?.scale ?? {}])),
    ...(port !== undefined && { port }),
    ...(graces.length > 0 && { stopGraceMs: Math.max(...graces) }),
  }
}

/** Variables that no two services set differently. */
function commonOf(services: readonly Service[]): Record<string, string> {
  const entries = services.flatMap(({ env }) => Object.entries(env))
  const values = new Map<string, Set<string>>()
  for (const [name, value] of entries) values.set(name, (values.get(name) ?? new Set()).add(value))
  return Object.fromEntries(entries.filter(([name]) => values.get(name)?.size === 1))
}

function named(
  composed: Composed,
  services: readonly Service[],
  routed: Service | undefined,
  common: Readonly<Record<string, string>>,
) {
  const seen = new Set<string>()
  return services.map((service): DeclaredProcess => {
    const name = service === routed ? 'web' : nameOf(composed, service)
    if (seen.has(name)) fail(composed.place, service.key, `there is another process "${name}"; choose another name`)
    seen.add(name)
    const own = Object.entries(service.env).filter(([variable]) => !Object.hasOwn(common, variable))
    const { command, args } = service
    return { name, command, ...(args && { args }), ...(own.length > 0 && { env: Object.fromEntries(own) }) }
  })
}

function nameOf(composed: Composed, { name, key }: Service): string {
  const written = name.toLowerCase().replaceAll('.', '-')
  return checked(composed.place, key, () => processName(written))
}

/** A service that the others wait for to end well is what has to run before a release starts. */
function releaseOf(composed: Composed, { name, key, command, args }: Service): Partial<Definition> {
  warn(composed, key, `the service "${name}" is the release command: it runs once, before each release starts`)
  return args ? { releaseCommand: [], releaseArgs: args } : { releaseCommand: command }
}

function portOf(composed: Composed, { ports, port, checked: check, key }: Service): number | undefined {
  const chosen = port !== undefined && ports.includes(port) ? port : (ports[0] ?? port ?? check?.port)
  if (ports.length > 1) warn(composed, key, `of the ports ${ports.join(', ')} only ${chosen} is routed`)
  if (chosen !== undefined && (chosen < 1 || chosen > 65_535)) fail(composed.place, key, `there is no port ${chosen}`)
  return chosen
}
