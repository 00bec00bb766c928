import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { after, before, type TestContext, test } from 'node:test'
import { type AgentConfig, startAgent } from '../../src/agent/agent.ts'
import { adopted } from '../../src/agent/router/router.ts'
import type { Link, Seen, Wanted, WantedApp, WantedSet } from '../../src/contract/link.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { output } from '../../src/lib/exec.ts'
import { Pulse } from '../../src/lib/pulse.ts'
import { defaultHealth } from '../../src/model/health.ts'
import { type Instance, labels } from '../../src/model/instance.ts'
import { randomName, removeOwned } from '../harness/docker.ts'
import { testHaproxy, until } from '../harness/haproxy.ts'
import { get, load } from '../harness/load.ts'
import { busyboxImage } from '../harness/tinyImage.ts'

const docker = '/usr/bin/docker'
const engine = openEngine('/var/run/docker.sock')
const cluster = randomName()
const serve = (text: string) => `mkdir -p /tmp; echo ${text} > /tmp/index.html; exec busybox httpd -f -p 8080 -h /tmp`
let image = ''

before(async () => {
  image = await busyboxImage()
  await output([docker, 'network', 'create', cluster])
})
after(() => removeOwned(engine, cluster))

/** The server's end: says what is wanted, remembers what was seen. */
class TestLink implements Link {
  readonly #changed = new Pulse()
  #wanted: Wanted = { revision: 1, apps: [] }
  last: Seen | undefined

  want(...apps: WantedApp[]) {
    this.#wanted = { revision: this.#wanted.revision + 1, apps }
    this.#changed.ring()
    return this.#wanted.revision
  }

  async *wanted(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.#changed.ring())
    while (!signal.aborted) {
      const next = this.#changed.next()
      yield this.#wanted
      await next
    }
  }

  report = async (seen: Seen) => {
    this.last = seen
  }
  logs = async () => undefined
  lastLogTimes = async () => ({})

  instance(id: string): Instance | undefined {
    return this.last?.instances.find((instance) => instance.id === id)
  }
}

const set = (id: string, role: WantedSet['role'], more: Partial<WantedSet> = {}): WantedSet => ({
  id,
  process: 'web',
  role,
  port: 8080,
  health: defaultHealth,
  ...more,
})

const blog = (...sets: WantedSet[]): WantedApp => ({ app: 'blog', hosts: ['blog.test'], sets })

/** As Swarm would start it. */
async function instance(setId: string, script: string, ...options: string[]): Promise<string> {
  const marks = {
    [labels.owned]: 'true',
    [labels.cluster]: cluster,
    [labels.app]: 'blog',
    [labels.process]: 'web',
    [labels.release]: '1',
    [labels.set]: setId,
  }
  const flags = Object.entries(marks).flatMap(([name, value]) => ['--label', `${name}=${value}`])
  return (
    await output([docker, 'run', '-d', '--network', cluster, ...flags, ...options, image, 'sh', '-c', script])
  ).trim()
}

const kill = (id: string) => output([docker, 'kill', '-s', 'KILL', id])

async function stage(t: TestContext) {
  const haproxy = await testHaproxy()
  const link = new TestLink()
  const { bind, api, ...router } = haproxy.settings
  const config: AgentConfig = {
    cluster,
    domain: 'test',
    http: { port: haproxy.port, address: '127.0.0.1' },
    api: { port: api.port },
    docker: { network: cluster },
    router,
  }
  let agent: AsyncDisposable | undefined
  const start = async () => {
    agent = await startAgent({ link, engine, config })
  }
  const stop = async () => agent?.[Symbol.asyncDispose]()
  t.after(async () => {
    await stop()
    await haproxy[Symbol.asyncDispose]()
  })
  await start()
  haproxy.up()
  return { haproxy, link, start, stop, get: () => get({ port: haproxy.port, host: 'blog.test' }) }
}

const healthy = (link: TestLink, id: string) =>
  until('it is healthy', () => link.instance(id)?.health === 'healthy', 20_000)

test('gate, swap and drain between two real releases, under load', async (t) => {
  const { haproxy, link, get } = await stage(t)
  const first = await instance('s1', serve('one'))
  link.want(blog(set('s1', 'starting')))
  await healthy(link, first)
  assert.deepEqual(link.last?.router.routed, [])
  const live = link.want(blog(set('s1', 'live')))
  await until(
    'it is routed',
    () => link.last?.router.routed.includes('s1') === true && link.last.router.revision === live,
  )
  const traffic = load({ port: haproxy.port, host: 'blog.test' })

  const second = await instance('s2', serve('two'))
  link.want(blog(set('s1', 'live'), set('s2', 'starting')))
  await healthy(link, second)
  const swapped = link.want(blog(set('s1', 'draining'), set('s2', 'live')))
  await until('the swap', () => link.last?.router.revision === swapped)
  assert.deepEqual(link.last?.router.routed, ['s2'])
  await until('nothing is busy', () => Object.keys(link.last?.router.busy ?? { s1: 1 }).length === 0)
  await kill(first)
  await until('its end is seen', () => link.instance(first)?.state === 'exited')
  link.want(blog(set('s2', 'live')))
  assert.equal((await get()).body, 'two\n')
  const { total, failed } = await traffic.stop()
  assert.deepEqual(failed, [], `of ${total}`)
  assert.equal(link.last?.node, hostname())
})

test('a killed instance leaves the router at once', async (t) => {
  const { haproxy, link } = await stage(t)
  const isRouted = async (id: string) => (await adopted(haproxy.settings)).has(id)
  const two = await instance('k1', serve('two'))
  link.want(blog(set('k1', 'live')))
  await healthy(link, two)
  const killOne = async () => {
    const one = await instance('k1', serve('one'))
    await until('it is routed', () => isRouted(one))
    await kill(one)
    const killed = performance.now()
    await until('the router is without it', async () => !(await isRouted(one)))
    return { one, ms: performance.now() - killed }
  }
  let { one, ms } = await killOne()
  for (let tries = 1; tries < 3 && ms >= 1_000; tries++) ({ one, ms } = await killOne())
  t.diagnostic(`the router was without it ${ms.toFixed(0)} ms after "docker kill"`)
  assert.ok(ms < 1_000)
  await until('its end is reported', () => link.instance(one)?.state === 'exited')
  assert.match(link.instance(one)?.note ?? '', /^killed/)
  const answers = await Promise.all(Array.from({ length: 20 }, () => get({ port: haproxy.port, host: 'blog.test' })))
  assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set(['two\n']))
})

test('a restarted agent takes over without a reload, and nobody notices', async (t) => {
  const { haproxy, link, start, stop } = await stage(t)
  const one = await instance('r1', serve('one'))
  link.want(blog(set('r1', 'live')))
  await healthy(link, one)
  await until('it is routed', () => link.last?.router.routed.includes('r1') === true)
  const worker = await haproxy.worker()
  const traffic = load({ port: haproxy.port, host: 'blog.test' })
  await stop()
  link.last = undefined
  await start()
  await until('it is routed again', () => link.last?.router.routed.includes('r1') === true)
  assert.deepEqual((await traffic.stop()).failed, [])
  assert.equal(await haproxy.worker(), worker)
})

test('why an instance is not healthy is said in words', async (t) => {
  const { link } = await stage(t)
  const deaf = await instance('d1', 'sleep 100')
  const failing = await instance('d2', 'echo no database; exit 3')
  const hungry = await instance('d3', 'exec tail /dev/zero', '--memory', '16m')
  link.want(blog(set('d1', 'starting'), set('d2', 'starting'), set('d3', 'starting')))
  const note = (id: string) => link.instance(id)?.note ?? ''
  await until('connection refused', () => note(deaf).startsWith('connection refused on port 8080'), 60_000)
  await until('exit code', () => note(failing) === 'exited with code 3', 60_000)
  assert.equal(link.instance(failing)?.exitCode, 3)
  await until('out of memory', () => link.instance(hungry)?.oomKilled === true, 60_000)
  assert.equal(note(hungry), 'killed: out of memory')
})

test('a worker process is healthy after it ran for a while', async (t) => {
  const { link } = await stage(t)
  link.want(blog(set('w1', 'live', { process: 'worker', port: null, health: { ...defaultHealth, uptimeMs: 300 } })))
  const worker = await instance('w1', 'sleep 100')
  await healthy(link, worker)
  assert.deepEqual(link.last?.router.routed, [])
})
