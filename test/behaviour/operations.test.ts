import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { destroyApp } from '../../src/contract/apps.ts'
import { cancelOperation } from '../../src/contract/operations.ts'
import { restart } from '../../src/contract/releases.ts'
import { createRun } from '../../src/contract/runs.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  berth = await startBerth()
  operations = operationsOf(berth)
})
after(() => berth?.[Symbol.asyncDispose]())

async function appServing(app: string, text = 'before') {
  await berth.createApp(app)
  await operations.succeeded(await operations.deploy(app, site({ text })))
}

const slowBuild = (text: string, seconds: number) => site({ text, definition: `build:\n  command: sleep ${seconds}\n` })
const restarted = (app: string) => berth.client.call(restart, { params: { app }, body: {} })
const cancel = ({ id }: { id: string }) => berth.client.call(cancelOperation, { params: { operation: id } })

async function assertOnlyOneServes(app: string, text: string) {
  assert.equal((await berth.get(app)).body, text)
  await until('nothing to be left over', async () => {
    const left = [await operations.services(app), await operations.oneOffs(app)]
    return left[0]?.length === 1 && left[1]?.length === 0
  })
}

test('a deploy that waits is superseded by a newer one and says so; the one under way goes on', async () => {
  await berth.createApp('queue')
  const first = await operations.deploy('queue', slowBuild('first', 3))
  await operations.inPhase(first, 'building')
  const second = await operations.deploy('queue', site({ text: 'second' }))
  const third = await operations.deploy('queue', site({ text: 'third' }))
  const superseded = await operations.ended(second)
  assert.deepEqual([superseded.state, superseded.error?.code, superseded.release], ['superseded', 'SUPERSEDED', null])
  assert.match(superseded.error?.message ?? '', new RegExp(`superseded by a newer deploy \\(${third.id}\\)`))
  assert.equal((await operations.show(first)).state, 'running')
  await operations.succeeded(first)
  await operations.succeeded(third)
  assert.equal((await berth.get('queue')).body, 'third')
})

test('one operation per app at a time, in the order of asking, while other apps go on', async () => {
  await appServing('slow')
  await appServing('quick')
  const slow = await operations.deploy('slow', slowBuild('after', 4))
  await operations.inPhase(slow, 'building')
  const waiting = [await restarted('slow'), await restarted('slow')]
  const quick = await restarted('quick')
  for (const one of [quick, slow, ...waiting]) await operations.succeeded(one)
  assert.ok(((await operations.show(quick)).finishedAt ?? '?') < ((await operations.show(slow)).finishedAt ?? ''))
  const [last, middle, ahead] = await operations.all('slow')
  assert.ok((ahead?.finishedAt ?? '?') <= (middle?.startedAt ?? ''))
  assert.ok((middle?.finishedAt ?? '?') <= (last?.startedAt ?? ''))
})

const cancellable = [
  ['building', slowBuild('never', 30)],
  ['releasing', site({ text: 'never', definition: 'release: sleep 30\n' })],
  ['gating', site({ text: 'never', startMs: 30_000 })],
] as const

test('cancelling ends exactly that operation, at once, and leaves nothing behind', async () => {
  await appServing('cancel')
  const bystander = await operations.deploy('slow', slowBuild('bystander', 4))
  for (const [phase, files] of cancellable) {
    const operation = await operations.deploy('cancel', files)
    await operations.inPhase(operation, phase)
    const began = Date.now()
    assert.equal((await cancel(operation)).cancelledBy, 'admin')
    const { state, error } = await operations.ended(operation)
    assert.deepEqual([state, error?.code, error?.message], ['cancelled', 'CANCELLED', 'cancelled by admin'], phase)
    assert.ok(Date.now() - began < 15_000, `${phase} took ${Date.now() - began} ms to end`)
    await assertOnlyOneServes('cancel', 'before')
  }
  await operations.succeeded(bystander)
})

test('what waits is cancelled without a wait, and what is under way goes on', async () => {
  const under = await operations.deploy('cancel', slowBuild('after', 3))
  await operations.inPhase(under, 'building')
  const waiting = await restarted('cancel')
  await cancel(waiting)
  assert.equal((await operations.show(waiting)).state, 'cancelled')
  await operations.succeeded(under)
  await assertOnlyOneServes('cancel', 'after')
  await assert.rejects(cancel(under), { code: 'STATE' })
})

for (const [phase, files] of [
  ['building', slowBuild('after', 3)],
  ['releasing', site({ text: 'after', definition: `release: 'echo "ran $(date +%s%N)"; sleep 3'\n` })],
  ['gating', site({ text: 'after', startMs: 2_000 })],
] as const) {
  test(`a server that is stopped while ${phase} goes on when it is back`, async () => {
    const app = `stop-${phase}`
    await appServing(app)
    const operation = await operations.deploy(app, files)
    await operations.inPhase(operation, phase)
    await berth.server.kill('SIGTERM')
    assert.equal((await berth.get(app)).body, 'before')
    await berth.server.up()
    await operations.succeeded(operation)
    await assertOnlyOneServes(app, 'after')
    const ran = [...(await operations.log(operation)).matchAll(/ran (\d+)/g)].map(([, at]) => at)
    assert.ok(new Set(ran).size <= 1, `the release command ran more than once: ${ran}`)
  })
}

test('destroying ends what goes on and removes all of the app, and nothing of another', async () => {
  await appServing('doomed')
  await appServing('spared', 'still here')
  const run = await berth.client.call(createRun, { params: { app: 'doomed' }, body: { command: ['sleep', '100'] } })
  await operations.inPhase(run, 'releasing')
  const build = await operations.deploy('doomed', slowBuild('never', 60))
  await operations.inPhase(build, 'building')
  const waiting = await operations.deploy('doomed', site({ text: 'never' }))
  const destroy = await berth.client.call(destroyApp, { params: { app: 'doomed' }, body: { confirm: 'doomed' } })
  await operations.succeeded(destroy)
  for (const one of [run, build, waiting]) {
    const { state, error } = await operations.ended(one)
    assert.deepEqual([state, error?.message], ['cancelled', 'cancelled by admin, who destroys the app'])
  }
  await assert.rejects(berth.showApp('doomed'), { code: 'NOT_FOUND' })
  const data = (...path: string[]) => existsSync(join(berth.dir, 'data', ...path))
  const left = async (app: string) => ({
    services: (await operations.services(app)).length,
    containers: (await operations.containers(app)).length,
    images: (await berth.engine.images.list(`berth.cluster=${berth.cluster}`, `berth.app=${app}`)).length,
    logs: data('logs', 'apps', app),
    repository: data('git', `${app}.git`),
  })
  assert.deepEqual(await left('doomed'), { services: 0, containers: 0, images: 0, logs: false, repository: false })
  assert.equal((await berth.get('doomed')).status, 404)
  const spared = await left('spared')
  assert.deepEqual([spared.services, spared.containers, spared.images, spared.logs], [1, 1, 1, true])
  assert.equal((await berth.get('spared')).body, 'still here')
  await appServing('doomed', 'another app of that name')
  assert.equal((await berth.get('doomed')).body, 'another app of that name')
})
