import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { envName, envValue, processName } from '../names.ts'
import type { ProcessType, Scale } from '../release.ts'
import { scopeOf } from '../variables.ts'
import { argumentName } from './argumentName.ts'
import { shellCommand } from './command.ts'
import type { BuildDefinition, Definition } from './declared.ts'
import type { Place } from './place.ts'
import {
  checked,
  decimal,
  either,
  fail,
  flag,
  list,
  pairs,
  plain,
  type Read,
  record,
  shape,
  text,
  whole,
  yamlRoot,
} from './read.ts'
import { duration, memory } from './units.ts'

const pattern =
  (grammar: RegExp, reason: string): Read<string> =>
  (place, node) => {
    const value = plain(place, node)
    return grammar.test(value) ? value : fail(place, node, reason)
  }

/** A path inside the repository; comes back without `./`, and `.` is its root. */
const inside: Read<string> = (place, node) => {
  const value = text(place, node)
  const parts = value.split('/').filter((part) => part !== '' && part !== '.')
  const leads = value.startsWith('/') || parts.includes('..') || /[\p{Cc}]/u.test(value)
  return leads ? fail(place, node, 'must be a path inside the repository, without ".."') : parts.join('/') || '.'
}

const command: Read<readonly string[]> = (place, node) =>
  isSeq(node) ? list(text)(place, node) : shellCommand(text(place, node))

const count = whole(0, 1_000)
const size = { count, memory, cpu: decimal(0.05, 256) }
const packageName = pattern(/^[a-z0-9][a-z0-9+.-]{1,100}$/, 'must be the name of a Debian package')

const build = shape({
  dockerfile: inside,
  context: inside,
  compose: inside,
  service: pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/, 'must be the name of a service'),
  target: pattern(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$/, 'must be the name of a stage'),
  args: record(argumentName, plain),
  runtime: pattern(/^[a-z][a-z0-9-]{0,30}$/, 'must be the name of a runtime, like node'),
  version: pattern(/^[\d.xX*^~<>=| -]{1,60}$/, 'must be a version or a range of versions, like 24 or ">=22 <25"'),
  command,
  packages: list(packageName),
  env: list((place, node) => checked(place, node, () => envName(plain(place, node)))),
  documentRoot: inside,
})

const path = pattern(/^\/[\x21-\x7e]{0,1000}$/, 'must be a path that starts with /')

const health = shape({
  path,
  timeout: duration(100, 60_000),
  deadline: duration(1_000, 3_600_000),
  uptime: duration(0, 600_000),
})

const variable = shape({
  generate: pattern(/^secret$/, 'must be "secret"'),
  required: flag,
  value: plain,
  scope: (place, node) => checked(place, node, () => scopeOf(plain(place, node))),
})
const sized = shape(size)
const process = shape({ command, ...size })

const elsewhere = {
  dockerfile: 'build.dockerfile',
  runtime: 'build.runtime',
  packages: 'build.packages',
  documentRoot: 'build.documentRoot',
  healthcheck: 'health',
  command: 'processes.web',
  web: 'processes.web',
  services: 'processes',
}

const root = shape(
  {
    build,
    processes: record(processName, either(isMap, process, command)),
    release: command,
    postdeploy: command,
    health: either(isScalar, (place, node) => ({ path: path(place, node) }), health),
    env: record(envName, either(isMap, variable, plain)),
    scale: record(processName, either(isMap, sized, count)),
    port: whole(1, 65_535),
    stopGrace: duration(0, 3_600_000),
    drain: duration(0, 3_600_000),
  },
  elsewhere,
)

type Root = ReturnType<typeof root>

export function readBerthYaml(place: Place): Partial<Definition> {
  const node = yamlRoot(place)
  if (!node || (isScalar(node) && node.value === null)) return {}
  const { build, processes, release, postdeploy, health, env, scale, port, stopGrace, drain } = root(place, node)
  return {
    ...(processes && { processes: Object.entries(processes).map(([name, is]) => processOf(place, node, name, is)) }),
    ...(build && { build: build as BuildDefinition }),
    ...(release && { releaseCommand: release }),
    ...(postdeploy && { postdeployCommand: postdeploy }),
    ...(health && { health: healthOf(health) }),
    ...(env && variablesOf(env)),
    scale: { ...scalesOf(processes ?? {}), ...scalesOf(scale ?? {}) },
    ...(port !== undefined && { port }),
    ...(stopGrace !== undefined && { stopGraceMs: stopGrace }),
    ...(drain !== undefined && { drainMs: drain }),
  }
}

type Process = NonNullable<Root['processes']>[string]
type Size = NonNullable<Root['scale']>[string]

function processOf(place: Place, root: Node, name: string, value: Process): ProcessType {
  if (isCommand(value)) return { name, command: value }
  return value.command
    ? { name, command: value.command }
    : fail(place, processNode(place, root, name), 'has no "command" (to size a process of the Procfile, use "scale")')
}

function processNode(place: Place, root: Node, name: string): Node {
  const processes = pairs(place, root).find(([key]) => key === 'processes')?.[2] ?? root
  return pairs(place, processes).find(([key]) => key === name)?.[1] ?? root
}

const isCommand = (value: Process): value is readonly string[] => Array.isArray(value)

function scalesOf(values: Record<string, Process | Size>): Record<string, Partial<Scale>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const scale = scaleOf(value)
      return Object.keys(scale).length > 0 ? [[name, scale]] : []
    }),
  )
}

function scaleOf(value: Process | Size): Partial<Scale> {
  if (typeof value === 'number') return { count: value }
  if ('length' in value) return {}
  const { count, memory, cpu } = value
  return { ...(count !== undefined && { count }), ...(memory && { memoryMb: memory }), ...(cpu && { cpu }) }
}

function healthOf({ path, timeout, deadline, uptime }: NonNullable<Root['health']> & ReturnType<typeof health>) {
  return {
    ...(path && { path, declared: true }),
    ...(timeout && { timeoutMs: timeout }),
    ...(deadline && { deadlineMs: deadline }),
    ...(uptime !== undefined && { uptimeMs: uptime }),
  }
}

type Variables = 'env' | 'scopes' | 'generated' | 'required'

function variablesOf(values: NonNullable<Root['env']>): Pick<Definition, Variables> {
  const entries = Object.entries(values)
  const named = (test: (value: Exclude<(typeof entries)[number][1], string>) => unknown) =>
    entries.flatMap(([name, value]) => (typeof value !== 'string' && test(value) ? [name] : []))
  return {
    env: Object.fromEntries(
      entries.flatMap(([name, value]) => {
        const plainValue = typeof value === 'string' ? value : value.value
        return plainValue === undefined ? [] : [[name, envValue(plainValue)]]
      }),
    ),
    scopes: Object.fromEntries(
      entries.flatMap(([name, value]) => (typeof value !== 'string' && value.scope ? [[name, value.scope]] : [])),
    ),
    generated: named(({ generate }) => generate),
    required: named(({ required, generate }) => required && !generate),
  }
}
