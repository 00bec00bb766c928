import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
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
 * the same backend. Rounds are interleaved and medians taken, for load generator and routers share the machine.
 */
const rounds = Number(process.env.ROUNDS ?? 7)
const seconds = Number(process.env.SECONDS ?? 4)
const connections = 64

type Contender = { readonly name: string; readonly port: number; readonly host: string }

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'berth-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))

requireTools()
const backend = await fastBackend()
const contenders: Contender[] = [await bareHaproxy()]
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
  await haproxyFrom(
    'bare',
    `frontend all\n  bind 127.0.0.1:${port}\n  default_backend one\nbackend one\n  server one 127.0.0.1:${backend}\n`,
  )
  return { name: 'bare HAProxy', port, host: 'app-0.test' }
}

async function haproxyFrom(name: string, sections: string) {
  const config = join(dir, `${name}.cfg`)
  const timeouts = '  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n'
  await writeFile(config, `defaults\n  mode http\n${timeouts}${sections}`)
  runUntilTheEnd(['haproxy', '-db', '-f', config])
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
  runUntilTheEnd(['nginx', '-c', config, '-p', dir])
  return { name: 'nginx', port, host: 'app-0.test' }
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
  }
}

function appRoute(n: number): AppRoute {
  const server = { id: `instance-${n}`, address: '127.0.0.1', port: backend, state: 'ready' as const }
  return { app: `app-${n}`, hosts: [`app-${n}.test`], servers: [server] }
}

function runUntilTheEnd(argv: Parameters<typeof start>[0]) {
  const child = start(argv, { stdio: 'ignore' })
  stack.defer(async () => {
    child.kill('SIGTERM')
    await Promise.race([once(child, 'exit'), sleep(2_000)])
    child.kill('SIGKILL')
  })
}

async function measure() {
  for (const one of contenders) await until(`${one.name} answers`, async () => (await get(one)).status === 200)
  const found = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const one of contenders) found.set(one.name, [...(found.get(one.name) ?? []), await requestsPerSecond(one)])
  }
  report(found)
}

async function requestsPerSecond({ name, port, host }: Contender): Promise<number> {
  const text = await output([
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '-H',
    `Host: ${host}`,
    `http://127.0.0.1:${port}/`,
  ])
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${name}: ${text}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
}

/** Ratios are taken within each round, so that what disturbs one round disturbs both sides of it. */
function report(found: ReadonlyMap<string, readonly number[]>) {
  const floor = found.get('bare HAProxy') ?? []
  const rows = [...found].map(([name, values]) => [
    name,
    Math.round(median(values)).toLocaleString('en'),
    median(values.map((value, round) => value / (floor[round] ?? Number.NaN))).toFixed(3),
    `${Math.round(Math.min(...values)).toLocaleString('en')}–${Math.round(Math.max(...values)).toLocaleString('en')}`,
  ])
  console.log(`Router: ${rounds} interleaved rounds of ${seconds} s, wrk with ${connections} connections\n`)
  console.log(table(['router', 'requests/s', 'of bare HAProxy', 'range'], rows))
}
