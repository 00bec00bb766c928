import assert from 'node:assert/strict'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { refuse } from '../../model/refusal.ts'
import type { Source } from '../../model/source.ts'
import { type Disks, needRoom, watchDisks } from '../build/disk.ts'
import { guardedFetch } from './guardedFetch.ts'
import type { FetchOrder } from './parts.ts'

const image: Source = { kind: 'image', image: 'nginx', uploaded: false }
const order = (source: Source, signal = new AbortController().signal): FetchOrder => ({
  app: 'a',
  team: 't',
  id: 'i',
  appId: 'a1',
  path: '/nowhere/source.tar',
  since: null,
  log: () => undefined,
  source,
  signal,
})
/** More than any disk has. */
const settings = {
  dockerSocket: '/nowhere',
  engineRoot: tmpdir(),
  cacheDir: tmpdir(),
  reserve: { mb: 2 ** 40, percent: 0 },
}

test('nothing is fetched onto a disk that is nearly full; what is here already goes on', async () => {
  let rooms = 0
  const fetched: string[] = []
  const guarded = guardedFetch(
    async ({ source }) => {
      fetched.push(source.kind)
      return {}
    },
    { makeRoom: async () => void rooms++, watch: (log) => watchDisks(settings, log) },
  )
  await assert.rejects(guarded(order(image)), { code: 'DISK_LOW' })
  await guarded(order({ kind: 'git' }))
  assert.deepEqual([fetched, rooms], [['git'], 1])
  await assert.rejects(needRoom(settings, 'the stack is not made'), { code: 'DISK_LOW', message: /^the stack is not/ })
  await needRoom({ ...settings, reserve: { mb: 0, percent: 0 } }, 'the stack is not made')
})

test('what fills the disk while it is fetched is stopped, and says why', async () => {
  const full = new AbortController()
  let closed = 0
  const disks: Disks = {
    signal: full.signal,
    reason: () => refuse('DISK_LOW', 'the build was stopped', '1 MB', '/', '2 MB'),
    close: () => closed++,
  }
  const untilStopped = guardedFetch(
    async ({ signal }) => {
      await once(signal, 'abort')
      throw signal.reason
    },
    { makeRoom: async () => undefined, watch: async () => disks },
  )
  const cancelled = new AbortController()
  const calledOff = untilStopped(order(image, cancelled.signal))
  setTimeout(() => cancelled.abort(), 20)
  await assert.rejects(calledOff, { name: 'AbortError' })
  setTimeout(() => full.abort(), 20)
  await assert.rejects(untilStopped(order(image)), { code: 'DISK_LOW' })
  assert.equal(closed, 2)
})
