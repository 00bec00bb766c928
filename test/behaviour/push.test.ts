import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { listReleases } from '../../src/contract/releases.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'

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
