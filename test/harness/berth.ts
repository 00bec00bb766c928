import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, connect } from '../../src/client/client.ts'
import { createApp, showApp } from '../../src/contract/apps.ts'
import { listAppOperations } from '../../src/contract/operations.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { type Finished, start } from '../../src/lib/exec.ts'
import { makeNetwork, randomName, removeOwned } from './docker.ts'
import { freePort } from './haproxy.ts'
import { get } from './load.ts'
import type { newRepository } from './repository.ts'
import { until } from './wait.ts'

export type TestBerth = Awaited<ReturnType<typeof startBerth>>

const socket = '/var/run/docker.sock'
export const engine = openEngine(socket)

/**
 * A whole installation of its own on this machine: the real server as a child process, HAProxy, the shared Docker Engine;
 * its data folder, ports, cluster name and network are nobody else's, and gone afterwards.
 */
export async function startBerth(settings: NodeJS.ProcessEnv = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-test-'))
  const cluster = settings.BERTH_CLUSTER ?? randomName()
  const [httpPort, apiPort, sshPort] = [await freePort(), await freePort(), await freePort()]
  await chmod(dir, 0o711)
  await mkdir(join(dir, 'run'))
  await makeNetwork(engine, cluster)
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    BERTH_CONFIG: join(dir, 'none.yaml'),
    BERTH_DATA_DIR: join(dir, 'data'),
    BERTH_RUN_DIR: join(dir, 'run'),
    NODE_COMPILE_CACHE: join(tmpdir(), 'berth-test-cache/node'),
    MALLOC_MMAP_THRESHOLD_: '1048576',
    BERTH_CACHE_DIR: join(tmpdir(), 'berth-test-cache'),
    // The Engine's cache, its stacks and its bridge are everybody's here.
    BERTH_STACKS_RENEW: 'no',
    BERTH_STACKS_DIR: join(dir, 'stacks'),
    BERTH_BUILD_CACHE_MB: '0',
    BERTH_BUILD_HOST_PORTS: 'all',
    BERTH_DOMAIN: 'test.localhost',
    BERTH_CLUSTER: cluster,
    BERTH_HTTP_PORT: String(httpPort),
    BERTH_API_PORT: String(apiPort),
    BERTH_SSH_PORT: String(sshPort),
    ...settings,
  }
  const url = `http://127.0.0.1:${apiPort}`
  const server = keepServer(env)
  const router = keepRouter(dir)
  await using undo = new AsyncDisposableStack()
  undo.defer(() => rm(dir, { recursive: true, force: true }))
  undo.defer(() => removeOwned(engine, cluster))
  undo.defer(() => router.down())
  undo.defer(() => server.down())
  await server.up()
  await until('haproxy.cfg', () => existsSync(join(dir, 'data/router/haproxy.cfg')))
  router.up()
  const { token } = JSON.parse(await readFile(join(dir, 'data/admin.json'), 'utf8')) as { token: string }
  const client = connect({ url, token })
  const gitEnv = askpass(token)
  const stack = undo.move()
  return {
    dir,
    env,
    cluster,
    url,
    token,
    client,
    server,
    router,
    engine,
    ports: { http: httpPort, api: apiPort, ssh: sshPort },
    target: (app: string) => ({ port: httpPort, host: `${app}.test.localhost` }),
    get: (app: string, path = '/') => get({ port: httpPort, host: `${app}.test.localhost`, path }),
    gitUrl: (app: string) => `http://git@127.0.0.1:${apiPort}/git/${app}.git`,
    push: (repository: Awaited<ReturnType<typeof newRepository>>, app: string, ...refs: string[]): Promise<Finished> =>
      repository.push(gitEnv, `http://git@127.0.0.1:${apiPort}/git/${app}.git`, ...refs),
    createApp: (name: string) => client.call(createApp, { body: { name } }),
    showApp: (name: string) => client.call(showApp, { params: { app: name } }),
    settled: (app: string) => settled(client, app),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** No operation of the app is open any more; gives the newest one. */
async function settled(client: Client, app: string) {
  return await until(`operations of ${app}`, async () => {
    const [newest, ...older] = await client.call(listAppOperations, { params: { app }, query: {} })
    const open = [newest, ...older].some((one) => one?.state === 'queued' || one?.state === 'running')
    return !open && newest
  })
}

/** The token reaches git by its environment, never by an argument. */
const askpass = (token: string): NodeJS.ProcessEnv => ({
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'http.extraHeader',
  GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`git:${token}`).toString('base64')}`,
})

function keepServer(env: NodeJS.ProcessEnv) {
  let child: ReturnType<typeof start> | undefined
  const output: string[] = []
  const healthUrl = `http://127.0.0.1:${env.BERTH_API_PORT}/api/v1/health`
  return {
    /** What it wrote so far. */
    log: () => output.join(''),
    pid: () => child?.pid,
    async up() {
      child = start(
        [process.execPath, '--max-semi-space-size=2', join(import.meta.dirname, '../../src/server/main.ts')],
        { env },
      )
      child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString('utf8')))
      await until('the server', async () => (await answers(healthUrl)) || child?.exitCode !== null)
      if (child.exitCode !== null) throw new Error(`the server ended:\n${output.join('')}`)
    },
    async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL') {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    },
    async down() {
      const patience = setTimeout(() => child?.kill('SIGKILL'), 10_000)
      await this.kill('SIGTERM')
      clearTimeout(patience)
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

/** HAProxy as the supervisor runs it: started again whenever it ends. */
function keepRouter(dir: string) {
  let child: ReturnType<typeof start> | undefined
  let wanted = false
  const argv = [
    '/usr/sbin/haproxy',
    '-W',
    '-S',
    join(dir, 'run/router-master.sock'),
    '-f',
    join(dir, 'data/router/haproxy.cfg'),
  ] as const
  const spawnIt = () => {
    child = start(argv, { stdio: 'ignore' })
    child.once('exit', async () => {
      await sleep(100)
      if (wanted) spawnIt()
    })
  }
  return {
    up() {
      wanted = true
      spawnIt()
    },
    pid: () => child?.pid,
    kill: () => child?.kill('SIGKILL'),
    async down() {
      wanted = false
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
