import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import {
  cancelBuild,
  createRelease,
  deleteBuild,
  listBuilds,
  pinBuild,
  retryBuild,
  showBuild,
} from '../../src/contract/builds.ts'
import { changeEnv } from '../../src/contract/env.ts'
import { rollback } from '../../src/contract/releases.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  berth = await startBerth({ BERTH_BUILDS: '1', BERTH_KEEP_BUILDS: '2' })
  operations = operationsOf(berth)
})
after(() => berth?.[Symbol.asyncDispose]())

const one = (app: string, number: number) => ({ params: { app, number } })
const show = (app: string, number: number) => berth.client.call(showBuild, one(app, number))
const list = (app: string) => berth.client.call(listBuilds, { params: { app }, query: {} })
const deploy = async (app: string, text: string) => operations.succeeded(await operations.deploy(app, site({ text })))
const slow = (text: string) => site({ text, definition: 'build:\n  command: sleep 60\n' })

test('a build tells who made what of which source, since when, in which steps, and how large it is', async () => {
  await using repository = await newRepository(site({ text: 'one' }))
  await berth.createApp('blog')
  assert.equal((await berth.push(repository, 'blog')).code, 0)
  await repository.commit(site({ text: 'two' }), 'Second words')
  const revision = await repository.commit({ 'a.txt': 'a' }, 'Third words')
  const pushed = await berth.push(repository, 'blog')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.match(pushed.stderr, /-----> Built b2/)
  assert.match(pushed.stderr, / Export the image +\d+\.\d s/)
  assert.match(pushed.stderr, / Total +\d+\.\d s/)

  const build = await show('blog', 2)
  const { state, source, author, requester, message, changelog, releases, recipe, live, kept } = build
  assert.deepEqual(
    [state, source, requester, message, recipe],
    ['succeeded', 'git push', 'admin', 'Third words', 'node'],
  )
  assert.deepEqual([build.revision, author], [revision, 'Ada <ada@example.com>'])
  assert.deepEqual(changelog, ['Third words', 'Second words'])
  assert.deepEqual([releases, live, kept], [[2], true, true])
  assert.ok((build.imageBytes ?? 0) > 1_000_000)
  const titles = build.steps.map(({ title }) => title)
  for (const title of ['Fetch the source', 'Detect', 'Export the image']) assert.ok(titles.includes(title), title)
  assert.deepEqual(
    (await list('blog')).map((each) => [each.number, each.live]),
    [
      [2, true],
      [1, false],
    ],
  )
})

test('a kept build is released again, with the variables of now or of an earlier release', async () => {
  await berth.createApp('again')
  await operations.succeeded(await operations.deploy('again', site({ text: 'env:GREETING' })))
  const set = async (value: string) => {
    const answer = await berth.client.call(changeEnv, {
      params: { app: 'again' },
      body: { set: { GREETING: { value } } },
    })
    await operations.succeeded(answer.operation)
  }
  await set('early')
  await set('late')
  await deploy('again', 'something else')
  const release = async (body: { build: number; envFrom?: number }) => {
    await operations.succeeded(await berth.client.call(createRelease, { params: { app: 'again' }, body }))
    return (await berth.get('again')).body
  }
  assert.equal(await release({ build: 1 }), 'late')
  assert.equal(await release({ build: 1, envFrom: 2 }), 'early')
  assert.deepEqual((await show('again', 1)).releases, [6, 5, 3, 2, 1])
  await assert.rejects(release({ build: 9 }), { code: 'NOT_FOUND', message: /no build "b9"/ })
  await assert.rejects(release({ build: 1, envFrom: 99 }), { code: 'NOT_FOUND', message: /no release "v99"/ })
})

test('a build that failed is tried again from its kept source, and says so where none is kept', async () => {
  await berth.createApp('retry')
  const broken = site({ text: 'mended', definition: 'build:\n  command: test -n "$MENDED"\n  env: [MENDED]\n' })
  const failed = await operations.ended(await operations.deploy('retry', broken))
  assert.equal(failed.state, 'failed')
  const { error, steps } = await show('retry', 1)
  assert.equal(error?.code, 'BUILD_FAILED')
  assert.ok(steps.some(({ title }) => title === 'Building with the command of berth.yaml'))
  const body = { set: { MENDED: { value: 'yes', scope: 'both' as const } } }
  await berth.client.call(changeEnv, { params: { app: 'retry' }, body })
  const again = await berth.client.call(retryBuild, one('retry', 1))
  await operations.succeeded(again)
  assert.equal((await berth.get('retry')).body, 'mended')
  assert.equal((await show('retry', 2)).source, 'source of b1')
  await deploy('retry', 'newer')
  await assert.rejects(berth.client.call(retryBuild, one('retry', 2)), {
    code: 'SOURCE_GONE',
    message: /the source of b2 is no longer kept/,
  })
})

test('a pushed commit whose source is no longer kept comes from the repository, if it is there', async () => {
  await using repository = await newRepository(site({ text: 'one' }))
  await berth.createApp('origin')
  const push = async (text: string, code: number) => {
    const command = `exit ${code}`
    await repository.commit(site({ text, definition: `build:\n  command: ${command}\n` }), text)
    assert.equal((await berth.push(repository, 'origin')).code, code)
  }
  await push('first', 0)
  await push('second', 0)
  await push('refused', 1)
  await push('refused too', 1)
  const again = await berth.client.call(retryBuild, one('origin', 1))
  await operations.succeeded(again)
  assert.equal((await berth.get('origin')).body, 'first')
  assert.match(await operations.log(again), /the source of b1 is no longer kept: taking its commit/)
  const { message, revision, source } = await show('origin', 5)
  assert.deepEqual([message, source, revision], ['first', 'source of b1', (await show('origin', 1)).revision])
  const refused = await operations.ended(await berth.client.call(retryBuild, one('origin', 3)))
  assert.deepEqual([refused.state, refused.error?.code], ['failed', 'SOURCE_GONE'])
})

test('old packages go, pinned ones stay, and a rollback to one that went says what to do', async () => {
  await berth.createApp('old')
  await deploy('old', 'one')
  await berth.client.call(pinBuild, { ...one('old', 1), body: { pinned: true } })
  for (const text of ['two', 'three', 'four', 'five']) await deploy('old', text)
  const packages = async () => (await list('old')).filter(({ kept }) => kept).map(({ number }) => number)
  await until('old packages to go', async () => (await packages()).length === 3)
  assert.deepEqual(await packages(), [5, 4, 1])
  await until(
    'their images to go',
    async () => {
      const images = await berth.engine.images.list(`berth.cluster=${berth.cluster}`, 'berth.app=old')
      return images.length === 3
    },
    120_000,
  )
  const gone = await berth.client.call(rollback, { params: { app: 'old' }, body: { to: 2 } })
  const { state, error } = await operations.ended(gone)
  assert.deepEqual([state, error?.code], ['failed', 'IMAGE_GONE'])
  assert.match(error?.message ?? '', /the image of v2 is no longer on this machine; try berth build retry b2/)
  await operations.succeeded(await berth.client.call(rollback, { params: { app: 'old' }, body: { to: 1 } }))
  assert.equal((await berth.get('old')).body, 'one')
})

test('a package is deleted, but never the one that serves', async () => {
  await assert.rejects(berth.client.call(deleteBuild, one('old', 1)), {
    code: 'STATE',
    message: /cannot delete b1: it is what v6 runs, which is live/,
  })
  await berth.client.call(deleteBuild, one('old', 4))
  assert.equal((await show('old', 4)).kept, false)
  await until(
    'its image to go',
    async () => {
      const images = await berth.engine.images.list(`berth.cluster=${berth.cluster}`, 'berth.app=old')
      return images.length === 2
    },
    120_000,
  )
  await assert.rejects(berth.client.call(createRelease, { params: { app: 'old' }, body: { build: 4 } }), {
    code: 'IMAGE_GONE',
  })
})

test('a build waits for its turn and says so; a newer push takes its place, and cancelling ends exactly one', async () => {
  for (const app of ['first', 'second', 'third']) await berth.createApp(app)
  const first = await operations.deploy('first', slow('never'))
  await until('the first build', async () => (await list('first'))[0]?.state === 'running')
  const second = await operations.deploy('second', site({ text: 'superseded' }))
  await until('it to wait', async () => (await list('second'))[0]?.state === 'queued')
  await until('its reason', async () =>
    /waiting for other builds: 1 runs, none wait/.test(await operations.log(second)),
  )
  const newer = await operations.deploy('second', site({ text: 'newer' }))
  const superseded = await operations.ended(second)
  assert.deepEqual([superseded.state, superseded.error?.code], ['superseded', 'SUPERSEDED'])
  const third = await operations.deploy('third', site({ text: 'third' }))
  await until('the third to wait', async () => (await list('third'))[0]?.state === 'queued')
  await berth.client.call(cancelBuild, one('third', 1))
  assert.equal((await operations.ended(third)).state, 'cancelled')
  await berth.client.call(cancelBuild, one('first', 1))
  const { state, error } = await operations.ended(first)
  assert.deepEqual([state, error?.message], ['cancelled', 'cancelled by admin'])
  await operations.succeeded(newer)
  assert.equal((await berth.get('second')).body, 'newer')
  assert.deepEqual(
    (await list('second')).map(({ state }) => state),
    ['succeeded', 'superseded'],
  )
  await assert.rejects(berth.client.call(cancelBuild, one('first', 1)), { code: 'STATE' })
})

test('a server killed while builds wait and run: all of them are built, each once to a release', async () => {
  const apps = ['crash1', 'crash2', 'crash3']
  for (const app of apps) await berth.createApp(app)
  const asked = []
  for (const app of apps) {
    asked.push(await operations.deploy(app, site({ text: app, definition: 'build:\n  command: sleep 3\n' })))
  }
  await until('one build', async () => (await list('crash1'))[0]?.state === 'running')
  await until('the last to wait', async () => (await list('crash3'))[0]?.state === 'queued')
  await berth.server.kill('SIGKILL')
  await berth.server.up()
  for (const operation of asked) await operations.succeeded(operation)
  for (const app of apps) {
    assert.equal((await berth.get(app)).body, app)
    const builds = await list(app)
    assert.deepEqual(
      builds.map(({ state, live }) => [state, live]),
      [['succeeded', true]],
    )
  }
  assert.equal((await show('crash1', 1)).attempts, 2)
  assert.match(await operations.log(asked[0] ?? assert.fail()), /Building b1 again \(attempt 2 of 3\)/)
})
