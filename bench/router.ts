import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRouter } from '../src/agent/router/router.ts'
import type { AppRoute } from '../src/agent/router/routes.ts'
import { output, start } from '../src/lib/exec.ts'
import { freePort, testHaproxy, until } from '../test/harness/haproxy.ts'
import { get } from '../test/harness/load.ts'
import { median, table } from './table.ts'

/**
 * Requests per second through Berth's router with 1, 100 and 1,000 apps, beside a bare HAProxy and nginx, all before
 * the same backend. Load generator, routers and backend share the machine, so each turn of a router comes right after
 * one of the bare HAProxy and is compared with that one; the CPU time that the router itself takes is more exact still.
 */
const rounds = Number(process.env.ROUNDS ?? 7)
const seconds = Number(process.env.SECONDS ?? 4)
const connections = 64

type Contender = {
  readonly name: string
  readonly port: number
  readonly host: string
  /** The processes that do its work. */
  readonly pids: () => Promise<readonly number[]>
}

type Turn = { readonly requestsPerSecond: number; readonly cpuPerRequest: number }

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'berth-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))

requireTools()
const backend = await fastBackend()
const bare = await bareHaproxy()
const contenders: Contender[] = []
for (const apps of [1, 100, 1_000]) contenders.push(await berth(apps))
contenders.push(await nginx())
await measure()

function requireTools() {
  const missing = ['wrk', 'nginx', 'haproxy'].filter(
    (name) => !['/usr/bin/', '/usr/sbin/'].some((at) => existsSync(at + name)),
  )
  if (missing.length === 0) return
  console.error(`this needs ${missing.join(', ')}: apt-get install wrk nginx-light haproxy`)
  process.exit(2)
}

/** HAProxy answering by itself: the cheapest backend there is, so that the routers are what is measured. */
async function fastBackend(): Promise<number> {
  const port = await freePort()
  const rule = '  http-request return status 200 content-type text/plain string "hello from the backend"\n'
  await haproxyFrom('backend', `frontend all\n  bind 127.0.0.1:${port}\n${rule}`)
  return port
}

async function bareHaproxy(): Promise<Contender> {
  const port = await freePort()
  const pid = await haproxyFrom(
    'bare',
    `frontend all\n  bind 127.0.0.1:${port}\n  default_backend one\nbackend one\n  server one 127.0.0.1:${backend}\n`,
  )
  return { name: 'bare HAProxy', port, host: 'app-0.test', pids: async () => [pid] }
}

async function haproxyFrom(name: string, sections: string): Promise<number> {
  const config = join(dir, `${name}.cfg`)
  const timeouts = '  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n'
  await writeFile(config, `defaults\n  mode http\n${timeouts}${sections}`)
  return runUntilTheEnd(['haproxy', '-db', '-f', config])
}

async function nginx(): Promise<Contender> {
  const port = await freePort()
  const config = join(dir, 'nginx.conf')
  const server = `listen 127.0.0.1:${port}; location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }`
  const http = `access_log off; upstream app { server 127.0.0.1:${backend}; keepalive 128; } server { ${server} }`
  await writeFile(
    config,
    `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log; worker_processes auto; events { worker_connections 4096; }
     http { ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ')} ${http} }`,
  )
  const master = runUntilTheEnd(['nginx', '-c', config, '-p', dir])
  return { name: 'nginx', port, host: 'app-0.test', pids: () => childrenOf(master) }
}

async function berth(count: number): Promise<Contender> {
  const haproxy = stack.use(await testHaproxy())
  const router = stack.use(await openRouter(haproxy.settings, () => undefined))
  haproxy.up()
  router.follow(
    Array.from({ length: count }, (_, n) => appRoute(n)),
    1,
  )
  await until(`${count} apps routed`, () => router.view.revision === 1, 30_000)
  return {
    name: `Berth, ${count.toLocaleString('en')} app${count > 1 ? 's' : ''}`,
    port: haproxy.port,
    host: `app-${count - 1}.test`,
    pids: async () => [await haproxy.worker()],
  }
}

function appRoute(n: number): AppRoute {
  const server = { id: `instance-${n}`, address: '127.0.0.1', port: backend, state: 'ready' as const }
  return { app: `app-${n}`, hosts: [`app-${n}.test`], servers: [server] }
}

function runUntilTheEnd(argv: Parameters<typeof start>[0]): number {
  const child = start(argv, { stdio: 'ignore' })
  stack.defer(async () => {
    child.kill('SIGTERM')
    await Promise.race([once(child, 'exit'), sleep(2_000)])
    child.kill('SIGKILL')
  })
  return child.pid ?? 0
}

async function measure() {
  for (const one of [bare, ...contenders])
    await until(`${one.name} answers`, async () => (await get(one)).status === 200)
  const found = new Map<string, { floor: Turn; turn: Turn }[]>()
  for (let round = 0; round < rounds; round++) {
    for (const one of contenders) {
      const pair = { floor: await turnOf(bare), turn: await turnOf(one) }
      found.set(one.name, [...(found.get(one.name) ?? []), pair])
    }
  }
  report(found)
}

async function turnOf({ name, port, host, pids }: Contender): Promise<Turn> {
  const workers = await pids()
  const before = await cpuSeconds(workers)
  const url = `http://127.0.0.1:${port}/`
  const text = await output(['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-H', `Host: ${host}`, url])
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${name}: ${text}`)
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    cpuPerRequest: (((await cpuSeconds(workers)) - before) / Number(/(\d+) requests in/.exec(text)?.[1])) * 1e6,
  }
}

/** User and system time, in the kernel's ticks of 10 ms. */
async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8')))
  const ticks = stats.map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '))
  return ticks.reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0) / 100
}

async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number)
}

function report(found: ReadonlyMap<string, readonly { floor: Turn; turn: Turn }[]>) {
  const floors = [...found.values()].flatMap((pairs) => pairs.map(({ floor }) => floor))
  const rows = [
    row(
      bare.name,
      floors.map((floor) => ({ floor, turn: floor })),
    ),
  ]
  for (const [name, pairs] of found) rows.push(row(name, pairs))
  console.log(`Router: ${rounds} rounds of ${seconds} s each, wrk with ${connections} connections, medians\n`)
  console.log(table(['router', 'requests/s', 'of bare HAProxy', 'CPU µs/request', 'of bare HAProxy'], rows))
}

function row(name: string, pairs: readonly { floor: Turn; turn: Turn }[]) {
  const of = (value: (pair: { floor: Turn; turn: Turn }) => number) => median(pairs.map(value))
  return [
    name,
    Math.round(of(({ turn }) => turn.requestsPerSecond)).toLocaleString('en'),
    of(({ floor, turn }) => turn.requestsPerSecond / floor.requestsPerSecond).toFixed(3),
    of(({ turn }) => turn.cpuPerRequest).toFixed(1),
    of(({ floor, turn }) => turn.cpuPerRequest / floor.cpuPerRequest).toFixed(3),
  ]
}
