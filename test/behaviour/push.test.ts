import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { appLogs } from '../../src/contract/logs.ts'
import { listReleases } from '../../src/contract/releases.ts'
import { labels } from '../../src/model/instance.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
before(async () => {
  berth = await startBerth()
})
after(() => berth[Symbol.asyncDispose]())

const releases = (app: string) => berth.client.call(listReleases, { params: { app }, query: {} })

test('a push goes live, and the next one replaces it', async () => {
  await using repository = await newRepository(site({ text: 'one' }))
  await berth.createApp('blog')

  const first = await berth.push(repository, 'blog')
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stderr, /v1/)
  assert.equal((await berth.get('blog')).body, 'one')

  await repository.commit(site({ text: 'two' }))
  const second = await berth.push(repository, 'blog')
  assert.equal(second.code, 0, second.stderr)
  assert.equal((await berth.get('blog')).body, 'two')
})

/** What Docker calls the capabilities of an instance, as `CAP_…`. */
const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID']

test('an instance has the limits that were asked for, and few capabilities', async (t) => {
  const definition = 'scale: {web: {memory: 192M, cpu: 0.5}}\nstopGrace: 7s\n'
  const files = site({ text: 'limited', definition })
  const tell = `console.log(require('node:fs').readFileSync('/proc/self/status', 'utf8'))\n`
  await using repository = await newRepository({ ...files, 'server.js': `${tell}${files['server.js']}` })
  await berth.createApp('limited')
  const { code, stderr } = await berth.push(repository, 'limited')
  assert.equal(code, 0, stderr)
  assertService(await serviceOf('limited'))
  assertContainer(await containerOf('limited'))
  const lines = () => Array.fromAsync(berth.client.stream(appLogs, { params: { app: 'limited' }, query: {} }))
  const status = await until('what it wrote', async () => {
    const text = (await lines()).map(({ text }) => text).join('\n')
    return text.includes('NoNewPrivs:') && text
  })
  assert.match(status, /^CapEff:\s+0+$/m, 'it is not root')
  assert.match(status, /^CapBnd:\s+0{13}4eb$/m)
  // Swarm of the Engine 20.10 cannot give it to services, and dockerd may be set to give it to all.
  t.diagnostic(/^NoNewPrivs:.*$/m.exec(status)?.[0] ?? 'no NoNewPrivs')
})

const filters = (app: string) => ({ label: [`${labels.cluster}=${berth.cluster}`, `${labels.app}=${app}`] })

async function serviceOf(app: string) {
  const [service] = await berth.engine.api.json<{ Spec: { TaskTemplate: TaskTemplate } }[]>({
    path: '/services',
    query: { filters: filters(app) },
  })
  return service?.Spec.TaskTemplate
}

type TaskTemplate = {
  ContainerSpec: { Init: boolean; StopGracePeriod: number; CapabilityAdd: string[]; CapabilityDrop: string[] }
  Resources: { Limits: object }
  LogDriver: object
}

function assertService(task: TaskTemplate | undefined) {
  assert.deepEqual(task?.Resources.Limits, { NanoCPUs: 500_000_000, MemoryBytes: 192 * 1024 ** 2, Pids: 512 })
  assert.deepEqual(task.LogDriver, { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '2' } })
  assert.equal(task.ContainerSpec.Init, true)
  assert.equal(task.ContainerSpec.StopGracePeriod, 7_000_000_000)
  assert.deepEqual(task.ContainerSpec.CapabilityDrop, ['ALL'])
  assert.deepEqual(
    task.ContainerSpec.CapabilityAdd,
    capabilities.map((name) => `CAP_${name}`),
  )
}

async function containerOf(app: string) {
  const [container] = await berth.engine.api.json<{ Id: string }[]>({
    path: '/containers/json',
    query: { filters: filters(app) },
  })
  const { HostConfig } = await berth.engine.api.json<{ HostConfig: Record<string, unknown> }>({
    path: `/containers/${container?.Id}/json`,
  })
  return HostConfig
}

function assertContainer(host: Record<string, unknown>) {
  const { NanoCpus, Memory, PidsLimit, Init, CapAdd, CapDrop, LogConfig, Privileged } = host
  assert.deepEqual(
    { NanoCpus, Memory, PidsLimit, Init, Privileged },
    { NanoCpus: 500_000_000, Memory: 192 * 1024 ** 2, PidsLimit: 512, Init: true, Privileged: false },
  )
  assert.deepEqual(CapDrop, ['ALL'])
  assert.deepEqual(
    CapAdd,
    capabilities.map((name) => `CAP_${name}`),
  )
  assert.deepEqual(LogConfig, { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } })
}

test('a build that fails rejects the push and leaves the old release serving', async () => {
  await using repository = await newRepository(site({ text: 'good' }))
  await berth.createApp('builds')
  assert.equal((await berth.push(repository, 'builds')).code, 0)

  const scripts = { start: 'node server.js', build: 'echo going wrong; exit 7' }
  await repository.commit({ 'package.json': JSON.stringify({ name: 'site', scripts }) })
  const failed = await berth.push(repository, 'builds')
  assert.notEqual(failed.code, 0)
  assert.match(failed.stderr, /going wrong/)
  assert.match(failed.stderr, /remote rejected/)
  assert.equal((await berth.get('builds')).body, 'good')
})

test('a start that fails says why, with the last words, and leaves the old release serving', async () => {
  await using repository = await newRepository(site({ text: 'good' }))
  await berth.createApp('starts')
  assert.equal((await berth.push(repository, 'starts')).code, 0)

  await repository.commit(site({ text: '', exitCode: 3 }))
  const failed = await berth.push(repository, 'starts')
  assert.notEqual(failed.code, 0)
  assert.match(failed.stderr, /exited with code 3/)
  assert.match(failed.stderr, /last words before the end/)
  assert.match(failed.stderr, /v2 is not released; what ran before still does/)
  assert.equal((await berth.get('starts')).body, 'good')
  assert.deepEqual(
    (await releases('starts')).map(({ state }) => state),
    ['failed', 'live'],
  )
})

test('an app that never listens fails at its deadline with the last probe', async () => {
  const definition = 'health:\n  deadline: 3s\n'
  await using repository = await newRepository(site({ text: 'late', startMs: 60_000, definition }))
  await berth.createApp('silent')
  const failed = await berth.push(repository, 'silent')
  assert.notEqual(failed.code, 0)
  assert.match(failed.stderr, /refused.*\$PORT/)
  assert.match(failed.stderr, /v1 is not released\s*$/m, 'nothing ran before it')
})

test('an app that uses more memory than it may is told so', async () => {
  await using repository = await newRepository({
    ...site({ text: 'x' }),
    'server.js': 'const all = []; setInterval(() => all.push(Buffer.alloc(50_000_000, 1)), 5)',
  })
  await berth.createApp('hungry')
  const failed = await berth.push(repository, 'hungry')
  assert.notEqual(failed.code, 0)
  assert.match(failed.stderr, /memory/)
})
