import { type Instance, labels } from '../model/instance.ts'

/** A container as the agent needs to know it. */
export type Container = {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  readonly addresses: Readonly<Record<string, string>>
  readonly exitCode: number
  readonly oomKilled: boolean
  readonly error: string
  readonly startedAt: string
  readonly finishedAt: string
}

/** The Engine's containers, as far as the agent uses them. */
export type Containers = {
  ids(label: string): Promise<string[]>
  inspect(id: string): Promise<Container | undefined>
  events(label: string, signal: AbortSignal): AsyncIterable<{ readonly id: string; readonly action: string }>
}

/** An instance before anything is known of its health. */
export type Sighting = Omit<Instance, 'health' | 'note' | 'node'> & { readonly error: string }

/** Undefined for what is not an instance: one-off containers, strangers. */
export function sighting(container: Container, network: string): Sighting | undefined {
  const {
    [labels.set]: set,
    [labels.app]: app,
    [labels.process]: process,
    [labels.release]: release,
  } = container.labels
  if (!set || !app || !process) return undefined
  const state = stateOf(container.state)
  return {
    id: container.id,
    set,
    app,
    process,
    release: Number(release?.replace(/^v/, '')) || 0,
    state,
    address: (state === 'running' && container.addresses[network]) || null,
    exitCode: state === 'exited' ? container.exitCode : null,
    oomKilled: container.oomKilled,
    error: container.error,
    startedAt: time(container.startedAt),
    finishedAt: state === 'exited' ? time(container.finishedAt) : null,
  }
}

function stateOf(state: Container['state']): Instance['state'] {
  if (state === 'running' || state === 'paused') return 'running'
  return state === 'created' || state === 'restarting' ? 'starting' : 'exited'
}

/** The Engine says year 1 for never. */
const time = (text: string) => (text.startsWith('0001-') || text === '' ? null : text)

/** Why it ended, for people. */
export function endNote({ oomKilled, exitCode, error }: Sighting): string {
  if (oomKilled) return 'killed: out of memory'
  if (error) return error
  if (exitCode === 137) return 'killed (exit code 137)'
  return `exited with code ${exitCode ?? 'unknown'}`
}
