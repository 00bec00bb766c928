import { run } from '../lib/exec.ts'
import { refuse } from '../model/refusal.ts'
import { mountCgroups } from './cgroups.ts'
import type { Host } from './host.ts'
import { startAndWait } from './started.ts'

const DEFAULT_SOCKET = '/var/run/docker.sock'

/** Finds a running Docker Engine or starts one; gives its version. */
export async function ensureEngine(host: Host): Promise<string> {
  if (!(await answers(host))) await startEngine(host)
  return (await host.engine.version()).Version
}

export async function answers({ engine }: Host): Promise<boolean> {
  return await engine.version().then(
    () => true,
    () => false,
  )
}

async function startEngine(host: Host) {
  const { config, supervisor, parts } = host
  if (config.docker.socket !== DEFAULT_SOCKET) {
    refuse('UNAVAILABLE', 'the Docker Engine', `nothing answers at ${config.docker.socket}; start that engine first`)
  }
  if (supervisor.kind === 'keepers') await mountCgroups()
  await startAndWait(host, parts.dockerd, () => answers(host), 60)
}

/** The configured client, or the first one here that can do BuildKit. */
export async function findClient(configured: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folders = (env.PATH ?? '').split(':').filter(Boolean)
  const candidates = [configured, '/usr/bin/docker', ...folders.map((folder) => `${folder}/docker`)]
  for (const client of new Set(candidates)) {
    if (await buildsWithBuildKit(client)) return client
  }
  return refuse(
    'UNAVAILABLE',
    'a docker client with BuildKit',
    'none of those installed can do it; install the package docker-buildx (or docker-buildx-plugin), then try again',
  )
}

/** Built into the client from 18.09 to 22; from 23 on a plug-in. */
export async function buildsWithBuildKit(client: string): Promise<boolean> {
  const asked = await run([client, '--version'], { timeoutMs: 5000 }).catch(() => null)
  const major = Number(/version (\d+)/.exec(asked?.stdout ?? '')?.[1] ?? 0)
  if (major < 19) return false
  return major < 23 || (await run([client, 'buildx', 'version'], { timeoutMs: 5000 })).code === 0
}
