import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../lib/exec.ts'
import { labels } from '../model/instance.ts'
import { refuse } from '../model/refusal.ts'
import { ensureEngine } from './dockerd.ts'
import type { Host } from './host.ts'
import { ensureNetwork } from './swarm.ts'
import { until } from './until.ts'

type Task = { ServiceID: string; UpdatedAt: string; Status: { State: string; Err?: string } }
type Network = { Name: string; ConfigOnly: boolean; Labels: Record<string, string> | null }

const recentMs = 60_000
const settleSeconds = 4

/**
 * An Engine that ended with no chance to clean up (kill -9, a power cut) has the bridge of a swarm in its driver and
 * nowhere else. It rejects every task on it from then on, and restarting it does not help (moby/moby#37087).
 */
export async function isBroken(host: Host): Promise<boolean> {
  let rejected = false
  await until(async () => {
    const waiting = withoutRunning(await tasksOf(host))
    rejected = waiting.some(isRejection)
    return rejected || waiting.length === 0
  }, settleSeconds)
  return rejected
}

async function tasksOf({ engine, config }: Host): Promise<Task[]> {
  const services = await engine.services.list(`${labels.cluster}=${config.cluster}`)
  if (services.length === 0) return []
  const filters = { service: services.map(({ name }) => name) }
  return await engine.api.json<Task[]>({ path: '/tasks', query: { filters } })
}

const isRejection = ({ UpdatedAt, Status }: Task) =>
  /network \S+ exists/.test(Status.Err ?? '') && Date.now() - Date.parse(UpdatedAt) < recentMs

/** Of services that have no running task at all. */
function withoutRunning(tasks: readonly Task[]): readonly Task[] {
  const running = new Set(tasks.filter(({ Status }) => Status.State === 'running').map(({ ServiceID }) => ServiceID))
  return tasks.filter(({ ServiceID }) => !running.has(ServiceID))
}

/** Has the Engine start with no memory of networks: it makes its own anew, and we make ours. */
export async function renew(host: Host): Promise<string> {
  await refuseWhereOthersLose(host)
  const { DockerRootDir } = await host.engine.api.json<{ DockerRootDir: string }>({ path: '/info' })
  const file = join(DockerRootDir, 'network/files/local-kv.db')
  await stopEngine(host)
  await rename(file, `${file}.broken`)
  await ensureEngine(host)
  await ensureNetwork(host)
  return `the Engine had lost track of it; its list of networks was renewed, the old one is ${file}.broken`
}

/** Networks that somebody made by hand would be gone. */
async function refuseWhereOthersLose({ engine }: Host) {
  const local = await engine.api.json<Network[]>({ path: '/networks', query: { filters: { scope: ['local'] } } })
  const own = new Set(['bridge', 'host', 'none', 'docker_gwbridge'])
  const foreign = local.filter(({ Name, Labels }) => !own.has(Name) && Labels?.[labels.owned] !== 'true')
  if (foreign.length === 0) return
  const names = foreign.map(({ Name }) => Name).join(', ')
  refuse(
    'UNAVAILABLE',
    'the network of the apps',
    `to repair it, ${names} would have to go (docs/operating.md says how)`,
  )
}

async function stopEngine({ supervisor, parts }: Host) {
  if (supervisor.kind === 'systemd') return void (await run(['systemctl', 'stop', 'docker.socket', 'docker.service']))
  const { state } = await supervisor.state(parts.dockerd)
  if (state === 'stopped') {
    refuse(
      'UNAVAILABLE',
      'the network of the apps',
      'stop dockerd, then follow docs/operating.md; Berth did not start it',
    )
  }
  await supervisor.stop(parts.dockerd)
}
