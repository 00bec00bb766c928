import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { refuse } from '../model/refusal.ts'
import type { Host } from './host.ts'
import { ask } from './http.ts'
import { startAndWait } from './started.ts'
import { until } from './until.ts'

/** The server, on the code that is here now. Apps are served on while it restarts. */
export async function ensureServer(host: Host): Promise<string> {
  const { supervisor, parts, config } = host
  const { state, since } = await supervisor.state(parts.server)
  const outdated = state === 'running' && since !== null && (await newestCode(host.root)) > since.getTime()
  if (outdated) await supervisor.stop(parts.server)
  await startAndWait(host, parts.server, () => serverAnswers(host), 60)
  return `on port ${config.api.port}${outdated ? ', restarted with the new code' : ''}`
}

export const serverAnswers = async ({ config }: Host) => (await ask(config.api.port, '/api/v1/health'))?.status === 200

/** Git over SSH. Its configuration is the server's work. */
export async function ensureSshd(host: Host): Promise<string> {
  await written(`${host.config.ssh.dir}/sshd_config`)
  await startAndWait(host, host.parts.sshd, () => sshAnswers(host), 20)
  return `on port ${host.config.ssh.port}`
}

export const sshAnswers = async ({ config }: Host) => (await bannerAt(config.ssh.port)).startsWith('SSH-2.0')

export async function ensureRouter(host: Host): Promise<string> {
  await written(host.config.router.config)
  await startAndWait(host, host.parts.router, () => routerAnswers(host), 20)
  return `on port ${host.config.http.port}`
}

export const routerAnswers = async ({ config }: Host) => (await ask(config.http.port, '/')) !== null

async function written(file: string) {
  if (await until(() => existsSync(file), 20)) return
  refuse('UNAVAILABLE', file, 'the server has not written it; run "berth doctor"')
}

async function newestCode(root: string): Promise<number> {
  const files = await readdir(join(root, 'src'), { recursive: true })
  const times = files.filter((file) => file.endsWith('.ts')).map(async (file) => await stat(join(root, 'src', file)))
  return Math.max(...(await Promise.all(times)).map(({ mtimeMs }) => mtimeMs))
}

/** The first thing that a listener says. */
function bannerAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 3000 })
    const end = (text: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.once('data', (data) => end(data.toString('latin1')))
    socket.once('timeout', () => end(''))
    socket.once('error', () => end(''))
    socket.once('close', () => end(''))
  })
}
