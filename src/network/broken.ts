import { labels } from '../model/instance.ts'
import type { Place } from './network.ts'

type Task = { ServiceID: string; UpdatedAt: string; Status: { State: string; Err?: string } }

const recentMs = 60_000

/**
 * An Engine that ended with no chance to clean up (kill -9, a power cut) has the bridge of a swarm in its driver and
 * nowhere else. It rejects every task on it from then on, and restarting it does not help (moby/moby#37087).
 */
export async function isBroken({ engine, cluster }: Pick<Place, 'engine' | 'cluster'>): Promise<boolean> {
  const services = await engine.services.list(`${labels.cluster}=${cluster}`)
  if (services.length === 0) return false
  const filters = { service: services.map(({ name }) => name) }
  const tasks = await engine.api.json<Task[]>({ path: '/tasks', query: { filters } })
  return tasksTell(tasks, Date.now())
}

/** Pure: some service has no running task, and a fresh one was rejected for the network; none runs at all. */
export function tasksTell(tasks: readonly Task[], nowMs: number): boolean {
  const running = tasks.some(({ Status }) => Status.State === 'running')
  return !running && tasks.some((task) => isRejection(task, nowMs))
}

const isRejection = ({ UpdatedAt, Status }: Task, nowMs: number) =>
  /network \S+ exists/.test(Status.Err ?? '') && nowMs - Date.parse(UpdatedAt) < recentMs
