import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Wanted } from '../../contract/link.ts'
import { defaultHealth } from '../../model/health.ts'
import { appName, hostName, label } from '../../model/names.ts'
import { defaultScale, type Formation } from '../../model/release.ts'
import { addDomain, createApp } from '../store/apps.ts'
import { cipherAt } from '../store/cipher.ts'
import { createTeam } from '../store/people.ts'
import { createRelease } from '../store/releases.ts'
import { createSet, setRole, setsOfApp } from '../store/sets.ts'
import { openStore, type Store } from '../store/store.ts'
import { localLink } from './link.ts'

const formation: Formation = {
  processes: [
    { name: 'web', command: [] },
    { name: 'worker', command: [] },
  ],
  port: 3000,
  health: { ...defaultHealth, path: '/up' },
  stopGraceMs: 1,
  drainMs: 1,
  scale: {},
  env: {},
}
const logs = { append: async () => undefined, lastTimes: async () => ({}) }

async function place(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'berth-link-'))
  const store = await openStore(join(dir, 'db.sqlite'), cipherAt(join(dir, 'key'), { mayCreate: true }))
  const stop = new AbortController()
  t.after(async () => {
    stop.abort()
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  })
  const wanted = localLink(store, logs, 'test').wanted(stop.signal)[Symbol.asyncIterator]()
  return { store, stop, next: async (): Promise<Wanted> => (await wanted.next()).value ?? assert.fail('ended'), wanted }
}

const newApp = (store: Store, name: string) =>
  store.write('apps', async (tx) => createApp(tx, appName(name), await createTeam(tx, label('team', name))))

async function addSets(store: Store, appId: string, app: string, ...processes: string[]) {
  await store.write('sets', async (tx) => {
    const common = { appId, operationId: 'o1' }
    const release = await createRelease(tx, store.cipher, {
      ...common,
      image: 'i',
      formation,
      variables: {},
      commit: null,
      reason: '',
      author: '',
    })
    for (const process of processes)
      await createSet(tx, { ...common, app, cluster: 'c', release: release.number, process, scale: defaultScale })
  })
}

test('all that is wanted comes at once, complete, with what the router needs', async (t) => {
  const { store, next } = await place(t)
  const { id } = await newApp(store, 'blog')
  await newApp(store, 'empty')
  await store.write('apps', (tx) => addDomain(tx, id, hostName('blog.example.com')))
  await addSets(store, id, 'blog', 'web', 'worker')
  const { apps } = await next()
  assert.deepEqual(
    apps.map(({ app, hosts }) => [app, ...hosts]),
    [
      ['blog', 'blog.test', 'blog.example.com'],
      ['empty', 'empty.test'],
    ],
  )
  const sets = apps[0]?.sets.map(({ process, role, port, health }) => [process, role, port, health.path])
  assert.deepEqual(sets, [
    ['web', 'starting', 3000, '/up'],
    ['worker', 'starting', null, '/up'],
  ])
})

test('each change comes once, under a greater number; what changes nothing does not come', async (t) => {
  const { store, next } = await place(t)
  const first = await next()
  await newApp(store, 'one')
  const second = await next()
  const third = next()
  await store.write('apps', async () => undefined)
  await store.write('sets', async () => undefined)
  await newApp(store, 'two')
  const { revision, apps } = await third
  assert.ok(first.revision < second.revision && second.revision < revision)
  assert.deepEqual(
    [first, second].map((one) => one.apps.length),
    [0, 1],
  )
  assert.equal(apps.length, 2)
})

test('changes while nobody listens are not missed', async (t) => {
  const { store, next } = await place(t)
  await next()
  await newApp(store, 'one')
  await newApp(store, 'two')
  assert.equal((await next()).apps.length, 2)
})

test('a set that is gone is not wanted any more', async (t) => {
  const { store, next } = await place(t)
  const { id } = await newApp(store, 'blog')
  await addSets(store, id, 'blog', 'web')
  assert.equal((await next()).apps[0]?.sets.length, 1)
  const [set] = await store.read((tx) => setsOfApp(tx, id))
  await store.write('sets', (tx) => setRole(tx, [set?.id ?? ''], 'gone'))
  assert.deepEqual((await next()).apps[0]?.sets, [])
})

test('it ends with the signal, even while nothing happens', async (t) => {
  const { stop, next, wanted } = await place(t)
  await next()
  const last = wanted.next()
  stop.abort()
  assert.equal((await last).done, true)
})

test('a store that cannot be read for a moment does not deafen the agent', { timeout: 60_000 }, async (t) => {
  const { store } = await place(t)
  let failures = 1
  const flaky: Store = {
    ...store,
    read: (work) => (failures-- > 0 ? Promise.reject(new Error('disk I/O error')) : store.read(work)),
  }
  const stop = new AbortController()
  t.after(() => stop.abort())
  const wanted = localLink(flaky, logs, 'test').wanted(stop.signal)[Symbol.asyncIterator]()
  assert.deepEqual((await wanted.next()).value?.apps, [])
})
