export type InstanceState = 'starting' | 'running' | 'exited'
export type Health = 'unknown' | 'healthy' | 'unhealthy'

/** Labels on everything that Berth makes in Docker. */
export const labels = {
  owned: 'berth.owned',
  cluster: 'berth.cluster',
  app: 'berth.app',
  team: 'berth.team',
  process: 'berth.process',
  release: 'berth.release',
  set: 'berth.set',
  /** Of throw-away containers: what they belong to, and are removed with. */
  operation: 'berth.operation',
  /** Of images that were made on a stack: its name and the id of its image, with a blank between them. */
  stack: 'berth.stack',
} as const

/**
 * For throw-away containers. Labels of an image become those of its containers, and a Dockerfile can write any: only
 * what says the set itself is believed about being an instance.
 */
export const notAnInstance = { [labels.set]: '' } as const

/** What an agent saw of one container. Only agents write it. */
export type Instance = {
  /** The container's id. */
  readonly id: string
  readonly node: string
  readonly set: string
  readonly app: string
  readonly process: string
  readonly release: number
  readonly state: InstanceState
  readonly health: Health
  readonly address: string | null
  readonly exitCode: number | null
  readonly oomKilled: boolean
  /** Why it is not healthy: the last probe's result, or the Engine's error. */
  readonly note: string
  /** ISO 8601. */
  readonly startedAt: string | null
  readonly finishedAt: string | null
}
