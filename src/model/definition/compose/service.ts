import { isMap, isSeq, type Node } from 'yaml'
import type { BuildDefinition, Definition } from '../declared.ts'
import { fail } from '../read.ts'
import { buildOf } from './build.ts'
import { deployOf } from './deploy.ts'
import { type Environment, environmentOf } from './environment.ts'
import { type Checked, healthOf } from './health.ts'
import { serviceKeys } from './keys.ts'
import { portsOf } from './ports.ts'
import { sayUnused } from './unused.ts'
import {
  type Composed,
  commandOf,
  durationOf,
  isNull,
  itemsOf,
  type Member,
  membersOf,
  textOf,
  warn,
} from './values.ts'

/** A service as far as it has to be known to see which ones are one app. */
export type Outline = {
  readonly name: string
  readonly key: Node
  readonly members: ReadonlyMap<string, Member>
  readonly build?: BuildDefinition
  readonly image?: string
  readonly listens: boolean
}

export type Service = Environment & {
  readonly name: string
  readonly key: Node
  /** argv; empty is the image's own command. */
  readonly command: readonly string[]
  /** Words that follow the image's own entry point, instead of `command`. */
  readonly args?: readonly string[]
  readonly ports: readonly number[]
  readonly checked?: Checked
  readonly scale: Definition['scale'][string]
  readonly stopGraceMs?: number
  /** Services that must have ended well before this one starts. */
  readonly after: readonly string[]
}

export function outlineOf(composed: Composed, name: string, { key, value }: Member): Outline {
  if (!isMap(value))
    return fail(composed.place, isNull(value) ? key : value, `the service "${name}" must be a map of keys and values`)
  const members = membersOf(composed, value)
  const build = members.get('build')?.value
  const image = members.get('image')?.value
  return {
    name,
    key,
    members,
    listens: members.has('ports') || members.has('expose'),
    ...(build && !isNull(build) && { build: buildOf(composed, build, `services.${name}.build.`) }),
    ...(image && { image: textOf(composed, image) }),
  }
}

const read = 'build image command entrypoint environment env_file ports expose healthcheck deploy scale cpus mem_limit'
const readKeys = [...read.split(' '), 'stop_grace_period', 'profiles', 'restart']

export function serviceOf(composed: Composed, { name, key, members }: Outline, isWeb: boolean): Service {
  sayUnused(composed, members, readKeys, serviceKeys, `services.${name}.`)
  refuseDocker(composed, members)
  const grace = members.get('stop_grace_period')?.value
  const check = members.get('healthcheck')?.value
  if (check && !isWeb) warn(composed, check, `services.${name}.healthcheck is not used: only "web" is asked for a page`)
  const checked = isWeb && check ? healthOf(composed, check) : undefined
  sayRestart(composed, members, name)
  return {
    name,
    key,
    ...environmentOf(composed, members),
    ...wordsOf(composed, members),
    ports: portsOf(composed, members),
    ...(checked && { checked }),
    scale: deployOf(composed, members, name),
    ...(grace && { stopGraceMs: durationOf(composed, grace, 3_600_000) }),
    after: completedBefore(composed, members),
  }
}

/** `entrypoint` replaces the image's command too; `command` alone follows the image's entry point. */
function wordsOf(composed: Composed, members: ReadonlyMap<string, Member>): Pick<Service, 'command' | 'args'> {
  const [entrypoint, command] = ['entrypoint', 'command'].map((name) => {
    const node = members.get(name)?.value
    return node && commandOf(composed, node)
  })
  if (entrypoint && entrypoint.length > 0) return { command: [...entrypoint, ...(command ?? [])] }
  if (entrypoint && command) return { command }
  return command ? { command: [], args: command } : { command: [] }
}

function sayRestart(composed: Composed, members: ReadonlyMap<string, Member>, name: string): void {
  const restart = members.get('restart')?.value
  const policy = restart ? textOf(composed, restart) : 'always'
  if (restart && !['always', 'unless-stopped'].includes(policy)) {
    warn(composed, restart, `services.${name}.restart is not used: what ends is started again`)
  }
}

/** Whoever reaches Docker is root of the machine. */
function refuseDocker(composed: Composed, members: ReadonlyMap<string, Member>): void {
  const volumes = members.get('volumes')?.value
  for (const node of volumes && isSeq(volumes) ? itemsOf(composed, volumes) : []) {
    const source = isMap(node) ? membersOf(composed, node).get('source')?.value : node
    if (source && /docker\.sock|containerd\.sock/.test(textOf(composed, source))) {
      fail(composed.place, node, "no app may reach the machine's Docker")
    }
  }
}

function completedBefore(composed: Composed, members: ReadonlyMap<string, Member>): string[] {
  const depends = members.get('depends_on')?.value
  if (!depends || !isMap(depends)) return []
  return [...membersOf(composed, depends)].flatMap(([name, { value }]) => {
    const condition = isMap(value) ? membersOf(composed, value).get('condition')?.value : undefined
    return condition && textOf(composed, condition) === 'service_completed_successfully' ? [name] : []
  })
}
