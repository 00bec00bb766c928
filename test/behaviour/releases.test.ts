import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { showApp } from '../../src/contract/apps.ts'
import { changeEnv, listEnv } from '../../src/contract/env.ts'
import { listInstances } from '../../src/contract/instances.ts'
import { appLogs } from '../../src/contract/logs.ts'
import { listReleases, rollback } from '../../src/contract/releases.ts'
import { changeScale } from '../../src/contract/scale.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  berth = await startBerth({ BERTH_RELEASE_SECONDS: '3' })
  operations = operationsOf(berth)
})
after(() => berth?.[Symbol.asyncDispose]())

const deployed = async (app: string, files = site({ text: 'env:GREETING' })) =>
  operations.succeeded(await operations.deploy(app, files))
const setEnv = async (app: string, set: Record<string, string>) => {
  const values = Object.fromEntries(Object.entries(set).map(([name, value]) => [name, { value }]))
  return (await berth.client.call(changeEnv, { params: { app }, body: { set: values } })).operation
}
const envOf = async (app: string) => {
  const all = await berth.client.call(listEnv, { params: { app }, query: { values: true } })
  return Object.fromEntries(all.map(({ name, value }) => [name, value]))
}
const back = (app: string, to: number) => berth.client.call(rollback, { params: { app }, body: { to } })
const scale = async (app: string, process: string, count: number) =>
  (await berth.client.call(changeScale, { params: { app }, body: { [process]: { count } } })).operation
const states = async (app: string) =>
  (await berth.client.call(listReleases, { params: { app }, query: {} })).map(
    ({ number, state }) => `v${number} ${state}`,
  )

test('variables set before the first deploy make no release, and are there in the first one', async () => {
  await berth.createApp('env')
  assert.equal(await setEnv('env', { GREETING: 'early', OTHER: 'x' }), null)
  assert.deepEqual(await envOf('env'), { GREETING: 'early', OTHER: 'x' })
  await deployed('env')
  assert.equal((await berth.get('env')).body, 'early')
})

test('a rollback to a version brings its configuration back, as a new version', async () => {
  await operations.succeeded(await setEnv('env', { GREETING: 'two' }))
  await operations.succeeded(await setEnv('env', { GREETING: 'three', MORE: 'y' }))
  assert.equal((await berth.get('env')).body, 'three')
  await operations.succeeded(await back('env', 2))
  assert.equal((await berth.get('env')).body, 'two')
  assert.deepEqual(await envOf('env'), { GREETING: 'two', OTHER: 'x' })
  assert.deepEqual(await states('env'), ['v4 live', 'v3 superseded', 'v2 superseded', 'v1 superseded'])
})

test('a variable of builds is in no container, and a rollback leaves it alone', async () => {
  await berth.createApp('scopes')
  type Set = Record<string, { value?: string; scope?: 'run' | 'build' | 'both' }>
  const change = async (set: Set, unset: string[] = []) =>
    (await berth.client.call(changeEnv, { params: { app: 'scopes' }, body: { set, unset } })).operation
  await change({ GREETING: { value: 'built', scope: 'build' }, SHOWN: { value: 'yes' } })
  const files = site({ text: 'env:GREETING' })
  await deployed('scopes', { ...files, 'package.json': buildsWith('test "$GREETING" = built && test -z "$SHOWN"') })
  assert.equal((await berth.get('scopes')).body, '(unset)')
  await operations.succeeded(await change({ GREETING: { scope: 'both' } }))
  assert.equal((await berth.get('scopes')).body, 'built')
  await operations.succeeded(await change({ GREETING: { value: 'later', scope: 'build' } }))
  assert.deepEqual(
    [(await berth.get('scopes')).body, await envOf('scopes')],
    ['(unset)', { GREETING: 'later', SHOWN: 'yes' }],
  )
  assert.equal(await change({ TOKEN: { value: 'new', scope: 'build' } }), null)
  await operations.succeeded(await back('scopes', 1))
  assert.deepEqual(await envOf('scopes'), { GREETING: 'later', SHOWN: 'yes', TOKEN: 'new' })
  await operations.succeeded(await back('scopes', 2))
  assert.deepEqual(
    [(await berth.get('scopes')).body, await envOf('scopes')],
    ['built', { GREETING: 'built', SHOWN: 'yes', TOKEN: 'new' }],
  )
})

const buildsWith = (build: string) => JSON.stringify({ scripts: { build, start: 'node server.js' } })

const calm = site({ text: 'env:GREETING' })
const picky = { ...calm, 'server.js': `if (process.env.BROKEN) process.exit(4)\n${calm['server.js']}` }

test('a configuration that the app cannot start with changes nothing', async () => {
  await berth.createApp('picky')
  await deployed('picky', picky)
  await operations.succeeded(await setEnv('picky', { GREETING: 'good' }))
  const operation = await setEnv('picky', { GREETING: 'bad', BROKEN: '1' })
  assert.ok(operation)
  const { state, error } = await operations.ended(operation)
  assert.deepEqual([state, error?.code], ['failed', 'NOT_HEALTHY'])
  assert.match(error?.message ?? '', /web did not become healthy: it exited with code 4/)
  assert.deepEqual(await envOf('picky'), { GREETING: 'good' })
  assert.equal((await berth.get('picky')).body, 'good')
  assert.deepEqual(await states('picky'), ['v3 failed', 'v2 live', 'v1 superseded'])
})

test('a version that failed, and one that never was, are refused each with its own words', async () => {
  await assert.rejects(back('picky', 3), {
    code: 'STATE',
    message: 'cannot roll back to v3: it is failed, and must be one that has served',
  })
  await assert.rejects(back('picky', 99), { code: 'NOT_FOUND', message: /no release "v99"/ })
  await berth.createApp('empty')
  await assert.rejects(back('empty', 1), { code: 'NOT_FOUND' })
})

test('a version whose image is gone is told as such', async () => {
  await berth.createApp('gone')
  await deployed('gone', site({ text: 'one' }))
  const tags = async () =>
    (await berth.engine.images.list(`berth.cluster=${berth.cluster}`, 'berth.app=gone')).flatMap((image) => image.tags)
  const old = await tags()
  await assert.rejects(berth.client.call(rollback, { params: { app: 'gone' }, body: {} }), {
    code: 'STATE',
    message: 'cannot roll back gone: it is at its first release, and must be past that',
  })
  await deployed('gone', site({ text: 'two' }))
  for (const tag of old) await until(`image ${tag} to be unused`, () => berth.engine.images.remove(tag))
  const { state, error } = await operations.ended(await back('gone', 1))
  assert.deepEqual([state, error?.code], ['failed', 'IMAGE_GONE'])
  assert.match(
    error?.message ?? '',
    /the image of v1 is no longer on this machine; try berth build retry b1, or deploy that commit again/,
  )
  assert.equal((await berth.get('gone')).body, 'two')
})

test('an app is scaled to nothing, deployed meanwhile, and scaled back', async () => {
  await operations.succeeded(await scale('env', 'web', 0))
  await until('no service', async () => (await operations.services('env')).length === 0)
  assert.equal((await berth.get('env')).status, 503)
  assert.equal((await berth.client.call(showApp, { params: { app: 'env' } })).state, 'stopped')
  await deployed('env', site({ text: 'newer' }))
  assert.equal((await berth.get('env')).status, 503)
  await operations.succeeded(await scale('env', 'web', 2))
  assert.equal((await berth.get('env')).body, 'newer')
})

test('a worker of the Procfile runs when it is scaled up, with its own environment and log, and no port', async () => {
  const worker = `console.log('work', process.env.BERTH_PROCESS, process.env.GREETING, process.env.PORT)
setInterval(() => {}, 1000)`
  await berth.createApp('procs')
  await setEnv('procs', { GREETING: 'hi' })
  await deployed('procs', {
    ...site({ text: 'web' }),
    Procfile: 'web: node server.js\nworker: node worker.js\n',
    'worker.js': worker,
  })
  const instances = async (process: string) => {
    const all = await berth.client.call(listInstances, { params: { app: 'procs' } })
    return all.filter((one) => one.process === process && one.role === 'live' && one.health === 'healthy').length
  }
  assert.deepEqual([await instances('web'), await instances('worker')], [1, 0])
  await operations.succeeded(await scale('procs', 'worker', 2))
  assert.deepEqual([await instances('web'), await instances('worker')], [1, 2])
  await assert.rejects(scale('procs', 'nonsense', 1), { code: 'INVALID', message: /it has web, worker/ })
  const query = { lines: 100, process: 'worker' }
  const lines = async () => await Array.fromAsync(berth.client.stream(appLogs, { params: { app: 'procs' }, query }))
  await until('both to have written', async () => (await lines()).length === 2)
  assert.deepEqual(new Set((await lines()).map(({ text }) => text)), new Set(['work worker hi undefined']))
  await deployed('procs', {
    ...site({ text: 'again' }),
    Procfile: 'web: node server.js\nworker: node worker.js\n',
    'worker.js': worker,
  })
  await until('the scale to be kept', async () => (await instances('worker')) === 2)
})

const releasing = (text: string, command: string) => site({ text, definition: `release: ${JSON.stringify(command)}\n` })

test('values of variables are not in the log of an operation, whatever a release prints', async () => {
  await berth.createApp('loud')
  const secret = 'canary+of/a secret?'
  await berth.client.call(changeEnv, {
    params: { app: 'loud' },
    body: { set: { KEY: { value: secret, secret: true } } },
  })
  const command = 'echo "key $KEY"; printf "u:%s" "$KEY" | base64; exit 3'
  const failed = await operations.deploy('loud', releasing('never', command))
  assert.equal((await operations.ended(failed)).error?.code, 'RELEASE_COMMAND_FAILED')
  const dying = `console.log('url', encodeURIComponent(process.env.KEY)); process.exit(4)`
  const unhealthy = await operations.deploy('loud', { ...site({ text: 'never' }), 'server.js': dying })
  assert.equal((await operations.ended(unhealthy)).error?.code, 'NOT_HEALTHY')
  const log = `${await operations.log(failed)}\n${await operations.log(unhealthy)}`
  assert.match(log, /key \[KEY\]\n.*\[KEY\]/)
  assert.match(log, /url \[KEY\]/)
  for (const text of [secret, encodeURIComponent(secret), btoa(`u:${secret}`)]) assert.ok(!log.includes(text), log)
})

test('the release command runs in the new release before any instance of it', async () => {
  await berth.createApp('migrate')
  const operation = await operations.deploy(
    'migrate',
    releasing('one', 'echo "migrating $BERTH_RELEASE as $BERTH_PROCESS"'),
  )
  await operations.succeeded(operation)
  assert.match(await operations.log(operation), /Running the release command\n +migrating v1 as release\n.*Starting/s)
})

for (const [what, command, reason] of [
  ['fails', 'echo no such table >&2; exit 3', /the release command failed: it exited with code 3/],
  ['takes too long', 'echo no such table; sleep 60', /it took longer than 3 s and was stopped/],
] as const) {
  test(`a release command that ${what} ends the deploy, with what it said`, async () => {
    const operation = await operations.deploy('migrate', releasing('two', command))
    const { state, error } = await operations.ended(operation)
    assert.deepEqual([state, error?.code], ['failed', 'RELEASE_COMMAND_FAILED'])
    assert.match(error?.message ?? '', reason)
    assert.match(await operations.log(operation), /no such table/)
    assert.equal((await berth.get('migrate')).body, 'one')
    await until('its container to go', async () => (await operations.oneOffs('migrate')).length === 0)
  })
}
