import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RouterSettings } from '../../src/agent/router/routes.ts'
import { readInfo } from '../../src/agent/router/running.ts'
import { ask } from '../../src/agent/router/socket.ts'
import { start } from '../../src/lib/exec.ts'

export type TestHaproxy = AsyncDisposable & {
  readonly settings: RouterSettings
  readonly port: number
  /** Starts it, and again whenever it ends, as the supervisor does. */
  up(): void
  kill(): void
  /** The worker's process id: it changes with every reload. */
  worker(): Promise<number>
}

export async function testHaproxy(): Promise<TestHaproxy> {
  const dir = await mkdtemp(join(tmpdir(), 'berth-router-'))
  const port = await freePort()
  const settings: RouterSettings = {
    config: join(dir, 'haproxy.cfg'),
    socket: join(dir, 'router.sock'),
    master: join(dir, 'master.sock'),
    bind: [`127.0.0.1:${port}`],
    api: { host: 'berth.test', port: await freePort() },
  }
  let child: ReturnType<typeof start> | undefined
  let wanted = false
  const spawnIt = () => {
    const { config, master } = settings
    child = start(['haproxy', '-W', '-S', master, '-f', config, '-p', join(dir, 'haproxy.pid')], { stdio: 'ignore' })
    child.once('exit', () => wanted && spawnIt())
  }
  return {
    settings,
    port,
    up() {
      wanted = true
      spawnIt()
    },
    kill() {
      child?.kill('SIGKILL')
    },
    worker: () => worker(settings),
    async [Symbol.asyncDispose]() {
      wanted = false
      if (child && child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await Promise.race([once(child, 'exit'), sleep(3_000)])
        child.kill('SIGKILL')
      }
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function worker({ socket }: RouterSettings): Promise<number> {
  const [info = ''] = await ask(socket, ['show info'])
  return readInfo(info).pid
}

/**
 * A port for a program that takes a number only. Not one that the kernel gives out: until the program listens, each
 * outgoing connection on this machine could get it.
 */
export async function freePort(): Promise<number> {
  const server = createTcpServer()
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const free = once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.listen(port, '0.0.0.0')
    if (!(await free)) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

export type Backend = AsyncDisposable & { readonly port: number; readonly server: Server }

/** An instance's stand-in on the loopback interface. */
export async function backend(answer: string | RequestListener): Promise<Backend> {
  const listener: RequestListener =
    typeof answer === 'string' ? (_request, response) => void response.end(answer) : answer
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Waits for something to become true; fails with what it was last. */
export async function until(what: string, ready: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(5)) {
    if (await Promise.resolve(ready()).catch(() => false)) return
  }
  throw new Error(`not within ${limitMs} ms: ${what}`)
}
