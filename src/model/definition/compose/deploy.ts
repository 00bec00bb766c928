import type { Node } from 'yaml'
import type { Scale } from '../../release.ts'
import { deployKeys } from './keys.ts'
import { sayUnused } from './unused.ts'
import { type Composed, cpuOf, itemsOf, type Member, membersOf, memoryOf, warn, wholeOf } from './values.ts'

type Members = ReadonlyMap<string, Member>

/** How many instances and how large: `deploy`, or the older keys of the service itself. A profile starts none. */
export function deployOf(composed: Composed, members: Members, name: string): Partial<Scale> {
  const deploy = within(composed, members, 'deploy')
  sayUnused(composed, deploy, ['replicas', 'resources'], deployKeys, `services.${name}.deploy.`)
  const resources = within(composed, deploy, 'resources')
  sayUnused(composed, resources, ['limits'], resourceKeys, `services.${name}.deploy.resources.`)
  const limits = within(composed, resources, 'limits')
  sayUnused(composed, limits, ['cpus', 'memory'], limitKeys, `services.${name}.deploy.resources.limits.`)
  const value = (key: string, from: Members, older: string): Node | undefined =>
    (from.get(key) ?? members.get(older))?.value
  const [replicas, memory, cpus] = [
    value('replicas', deploy, 'scale'),
    value('memory', limits, 'mem_limit'),
    value('cpus', limits, 'cpus'),
  ]
  const count = replicas ? wholeOf(composed, replicas, 0, 1_000) : 1
  return {
    count: inProfile(composed, members, name) ? 0 : count,
    ...(memory && { memoryMb: memoryOf(composed, memory) }),
    ...(cpus && { cpu: cpuOf(composed, cpus) }),
  }
}

const unused = { says: '' } as const
const resourceKeys = new Map([['reservations', { says: 'nothing is set aside; limits are' }]])
const limitKeys = new Map(['pids', 'devices'].map((key) => [key, unused]))

function within(composed: Composed, members: Members, key: string): Members {
  const member = members.get(key)
  return member ? membersOf(composed, member.value) : new Map()
}

function inProfile(composed: Composed, members: Members, name: string): boolean {
  const profiles = members.get('profiles')?.value
  const inOne = profiles !== undefined && itemsOf(composed, profiles).length > 0
  if (inOne) warn(composed, profiles, `services.${name} is in a profile, so none of it is started: berth scale`)
  return inOne
}
