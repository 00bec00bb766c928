import type { HealthRule } from './health.ts'
import type { Instance } from './instance.ts'

export type GateInstance = Pick<Instance, 'id' | 'state' | 'health' | 'exitCode' | 'oomKilled' | 'note'>

export type GateSet = { readonly process: string; readonly count: number; readonly instances: readonly GateInstance[] }

export type Verdict =
  | { readonly is: 'open' }
  | { readonly is: 'waiting'; readonly healthy: number; readonly wanted: number }
  | { readonly is: 'shut'; readonly process: string; readonly reason: string; readonly instance?: string }

/** Each instance may crash twice (a database that is not up yet); the third time nobody waits any longer. */
const crashes = 3

/** Pure: whether a new release may take over, on what was seen so far and the time since its start. */
export function gate(sets: readonly GateSet[], health: HealthRule, elapsedMs: number): Verdict {
  const shut = sets.map((set) => failureOf(set, health, elapsedMs)).find((failure) => failure !== undefined)
  if (shut) return shut
  const wanted = sets.reduce((sum, { count }) => sum + count, 0)
  const healthy = sets.reduce((sum, set) => sum + Math.min(set.count, healthyIn(set).length), 0)
  return healthy >= wanted ? { is: 'open' } : { is: 'waiting', healthy, wanted }
}

const healthyIn = ({ instances }: GateSet) =>
  instances.filter((one) => one.state === 'running' && one.health === 'healthy')

function failureOf(set: GateSet, health: HealthRule, elapsedMs: number): Verdict | undefined {
  if (healthyIn(set).length >= set.count) return undefined
  const exited = set.instances.filter(({ state }) => state === 'exited')
  const last = exited.at(-1)
  if (last && exited.length >= crashes * set.count) {
    return { is: 'shut', process: set.process, reason: exitReason(last), instance: last.id }
  }
  if (elapsedMs < health.deadlineMs) return undefined
  const slow = set.instances.find(({ health, state }) => state !== 'exited' && health !== 'healthy') ?? last
  const reason = `${slow ? lastWord(slow) : 'no instance has started'} (gave up after ${Math.round(health.deadlineMs / 1000)} s)`
  return { is: 'shut', process: set.process, reason, ...(slow && { instance: slow.id }) }
}

const lastWord = (instance: GateInstance) =>
  instance.state === 'exited' ? exitReason(instance) : instance.note || 'it is running, but has not passed a probe'

function exitReason({ exitCode, oomKilled, note }: GateInstance): string {
  if (oomKilled) return 'it was killed for using more memory than it may (raise it with berth scale --memory)'
  const exited = `exited ${exitCode === null ? 'without an exit code' : `with code ${exitCode}`}`
  return `it ${exited}${note && note !== exited ? `: ${note}` : ''}`
}
