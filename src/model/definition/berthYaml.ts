import { isScalar, type Node } from 'yaml'
import { envValue } from '../names.ts'
import type { ProcessType, Scale } from '../release.ts'
import { type BerthFile, berthShape, type HealthSaid } from './berthShape.ts'
import type { BuildDefinition, Definition } from './declared.ts'
import type { Place } from './place.ts'
import { fail, pairs, yamlRoot } from './read.ts'

export function readBerthYaml(place: Place): Partial<Definition> {
  const node = yamlRoot(place)
  if (!node || (isScalar(node) && node.value === null)) return {}
  const { build, processes, release, postdeploy, health, env, scale, port, stopGrace, drain } = berthShape(place, node)
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

type Process = NonNullable<BerthFile['processes']>[string]
type Size = NonNullable<BerthFile['scale']>[string]

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

function healthOf({ path, timeout, deadline, uptime }: NonNullable<BerthFile['health']> & HealthSaid) {
  return {
    ...(path && { path, declared: true }),
    ...(timeout && { timeoutMs: timeout }),
    ...(deadline && { deadlineMs: deadline }),
    ...(uptime !== undefined && { uptimeMs: uptime }),
  }
}

type Variables = 'env' | 'scopes' | 'generated' | 'required'

function variablesOf(values: NonNullable<BerthFile['env']>): Pick<Definition, Variables> {
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
