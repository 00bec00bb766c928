import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { changeEnv, listEnv } from '../../src/contract/env.ts'
import { restart } from '../../src/contract/releases.ts'
import { output } from '../../src/lib/exec.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'

const params = { app: 'web' }
const cache = join(tmpdir(), 'berth-test-cache')
let small: string
let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
let repository: Awaited<ReturnType<typeof newRepository>>

/** Everything of the installation is on a disk of its own; what tests write besides is not. */
before(async () => {
  repository = await newRepository(site({ text: 'before' }))
  small = await mkdtemp(join(tmpdir(), 'berth-small-'))
  await output(['mount', '-t', 'tmpfs', '-o', 'size=48m,mode=755', 'small', small])
  const large = process.env.TMPDIR
  process.env.TMPDIR = small
  const unguarded = { BERTH_BUILD_FREE_MB: '0', BERTH_BUILD_FREE_PERCENT: '0' }
  berth = await startBerth({ BERTH_CACHE_DIR: cache, NODE_COMPILE_CACHE: join(cache, 'node'), ...unguarded })
  if (large === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = large
  operations = operationsOf(berth)
  await berth.createApp('web')
  const { code, stderr } = await berth.push(repository, 'web')
  assert.equal(code, 0, stderr)
})
after(async () => {
  await berth?.[Symbol.asyncDispose]()
  await output(['umount', small])
  await rm(small, { recursive: true })
  await repository[Symbol.asyncDispose]()
})

const filler = () => join(small, 'filler')
const fill = () => writeFile(filler(), Buffer.alloc(64 * 1024 * 1024)).catch(() => undefined)
const setEnv = (value: string) => berth.client.call(changeEnv, { params, body: { set: { SIZE: { value } } } })
const full = { code: 'UNAVAILABLE', message: /the database is not available: the disk is full; make room on it/ }

test('on a full disk the app serves, and what has to be written is refused with that reason', async () => {
  await fill()
  assert.equal((await berth.get('web')).body, 'before')
  await assert.rejects(setEnv('x'.repeat(60_000)), full)
  await assert.rejects(operations.deploy('web', site({ text: 'never' })), { code: 'UNAVAILABLE' })
  await repository.commit(site({ text: 'after' }))
  const pushed = await berth.push(repository, 'web')
  assert.notEqual(pushed.code, 0)
  assert.doesNotMatch(pushed.stderr, /something broke on our side/)
  assert.deepEqual(await berth.client.call(listEnv, { params, query: {} }), [])
  assert.equal((await berth.get('web')).body, 'before')
  assert.equal((await fetch(`${berth.url}/api/v1/health`)).status, 200)
})

test('a disk that becomes full in the middle of a deploy fails it or holds it up, and nothing is half done', async () => {
  await rm(filler())
  const operation = await operations.deploy(
    'web',
    site({ text: 'after', definition: 'build:\n  command: for n in 1 2 3 4 5 6; do sleep 0.5; seq $n 2000; done\n' }),
  )
  await operations.inPhase(operation, 'building')
  const server = berth.server.pid()
  await fill()
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  assert.equal((await fetch(`${berth.url}/api/v1/health`)).status, 200)
  assert.equal(berth.server.pid(), server)
  assert.ok(['before', 'after'].includes((await berth.get('web')).body))
  await rm(filler())
  const { state, error } = await operations.ended(operation)
  if (state === 'failed') assert.equal(error?.code, 'UNAVAILABLE')
  assert.equal((await berth.get('web')).body, state === 'failed' ? 'before' : 'after')
})

test('as soon as there is room again, all works', async () => {
  const { operation } = await setEnv('y'.repeat(60_000))
  await operations.succeeded(operation)
  await operations.succeeded(await berth.client.call(restart, { params, body: {} }))
  const pushed = await berth.push(repository, 'web')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.equal((await berth.get('web')).body, 'after')
})
