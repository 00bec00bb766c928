import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { defaultHealth } from '../../model/health.ts'
import { appName, label } from '../../model/names.ts'
import type { Built, Formation } from '../../model/release.ts'
import type { AppRow } from './access.ts'
import { createApp } from './apps.ts'
import { endBuild, extendLease, freeLeases, giveBack, openBuilds, succeedBuild, takeBuild } from './buildQueue.ts'
import { type BuildRow, buildById, builtOf, ensureBuild, sourcesToKeep } from './builds.ts'
import { cipherAt } from './cipher.ts'
import { enterPhase, operationById, requestOperation } from './operations.ts'
import { dropPackage, neededImages, retirePackages, setPinned } from './packages.ts'
import { createTeam } from './people.ts'
import { createRelease, failRelease, makeLive } from './releases.ts'
import { forgetOldBuilds, retention } from './retention.ts'
import { openStore, type Store } from './store.ts'

const dir = mkdtempSync(join(tmpdir(), 'berth-builds-'))
let store: Store
let count = 0
before(async () => {
  store = await openStore(join(dir, 'db.sqlite'), cipherAt(join(dir, 'key'), { mayCreate: true }))
})
after(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

const formation: Formation = {
  ...{ processes: [], port: 80, health: defaultHealth, stopGraceMs: 1, drainMs: 1, scale: {}, env: {} },
}
const built = (image: string): Built => ({
  image,
  recipe: 'node',
  formation,
  generated: { SECRET: { value: 'hidden words', scope: 'both' } },
  required: [],
})
const newApp = () =>
  store.write('apps', async (tx) => {
    const name = `app${++count}`
    return createApp(tx, appName(name), await createTeam(tx, label('team', name)))
  })
const queued = (app: AppRow) =>
  store.write(['operations', 'builds'], async (tx) => {
    const source = { kind: 'upload' } as const
    const operation = await requestOperation(tx, app, { kind: 'deploy', source, commit: null, message: '' }, 'ada')
    await enterPhase(tx, operation, 'building')
    return await ensureBuild(tx, operation, { source, revision: null, author: null, message: '', changelog: [] })
  })
const lease = (owner: string, ms = 60_000) => ({ owner, until: new Date(Date.now() + ms).toISOString() })
const take = (row: BuildRow, owner = 'me') => store.write('builds', (tx) => takeBuild(tx, row, lease(owner)))
const now = async ({ id }: BuildRow) => (await store.read((tx) => buildById(tx, id))) ?? assert.fail('gone')
const succeed = async (app: AppRow, image: string) => {
  const row = await queued(app)
  await take(row)
  await store.write('builds', (tx) =>
    succeedBuild(tx, store.cipher, row.id, 'me', { built: built(image), imageBytes: 1 }),
  )
  return await now(row)
}
const release = (app: AppRow, build: BuildRow, live = true) =>
  store.write('apps', async (tx) => {
    const made = await createRelease(tx, store.cipher, {
      appId: app.id,
      image: build.image ?? '',
      formation,
      variables: {},
      commit: null,
      reason: '',
      author: 'ada',
      operationId: build.operation_id,
      build: build.number,
    })
    if (live) await makeLive(tx, made)
    else await failRelease(tx, build.operation_id)
  })

test('builds are numbered per app, one per deploy however often it is asked for', async () => {
  const [app, other] = [await newApp(), await newApp()]
  const first = await succeed(app, 'i1')
  const second = await queued(app)
  assert.deepEqual([first.number, second.number, (await queued(other)).number], [1, 2, 1])
  const again = await store.write('builds', async (tx) => {
    const operation = (await operationById(tx, second.operation_id)) ?? assert.fail()
    const source = { kind: 'git' } as const
    return ensureBuild(tx, operation, { source, revision: null, author: null, message: '', changelog: [] })
  })
  assert.equal(again.number, 2)
})

test('one builder gets a build, and only it says how it ended', async () => {
  const row = await queued(await newApp())
  assert.deepEqual([await take(row), await take(row, 'other')], [true, false])
  assert.equal(await store.write([], (tx) => extendLease(tx, row.id, lease('other'))), false)
  assert.equal(await store.write([], (tx) => extendLease(tx, row.id, lease('me'))), true)
  const result = { built: built('i'), imageBytes: 1 }
  const by = (owner: string) => store.write([], (tx) => succeedBuild(tx, store.cipher, row.id, owner, result))
  assert.deepEqual([await by('other'), await by('me'), await by('me')], [false, true, false])
  await store.write([], (tx) => endBuild(tx, row.id, 'failed', { code: 'CANCELLED', message: 'late' }))
  assert.equal((await now(row)).state, 'succeeded')
})

test('what it generated is sealed in the database', async () => {
  const row = await succeed(await newApp(), 'i')
  assert.doesNotMatch(JSON.stringify(row), /hidden words/)
  assert.equal(builtOf(store.cipher, row).generated.SECRET?.value, 'hidden words')
})

test('what a server held is free for the next one, and keeps its place', async () => {
  const [old, newer] = [await queued(await newApp()), await queued(await newApp())]
  await take(old, 'dead')
  await store.write([], (tx) => freeLeases(tx, 'alive'))
  const open = await store.read(openBuilds)
  const mine = open.filter(({ id }) => id === old.id || id === newer.id)
  assert.deepEqual(
    mine.map(({ id, attempts }) => [id, attempts]),
    [
      [old.id, 1],
      [newer.id, 0],
    ],
  )
  const row = await now(old)
  assert.ok((row.lease_until ?? '') < new Date().toISOString())
  assert.equal(await store.write([], (tx) => takeBuild(tx, row, lease('alive'))), true)
  await store.write([], (tx) => giveBack(tx, { id: old.id, attempts: 1 }, 'alive'))
  assert.deepEqual([(await now(old)).state, (await now(old)).attempts], ['queued', 1])
})

test('a newer deploy supersedes one whose build waits, but not one that is built', async () => {
  const app = await newApp()
  const waiting = await queued(app)
  const under = await queued(app)
  assert.deepEqual(
    [(await now(waiting)).state, (await store.read((tx) => operationById(tx, waiting.operation_id)))?.state],
    ['superseded', 'superseded'],
  )
  await take(under)
  await queued(app)
  assert.equal((await now(under)).state, 'running')
})

test('sources are kept of the newest success and of the newest that was none', async () => {
  const app = await newApp()
  const fail = async () => {
    const row = await queued(app)
    await store.write([], (tx) => endBuild(tx, row.id, 'failed', { code: 'CANCELLED', message: '' }))
  }
  await succeed(app, 'i1')
  await fail()
  await succeed(app, 'i3')
  await fail()
  assert.deepEqual((await store.read((tx) => sourcesToKeep(tx, app.id))).sort(), [3, 4])
})

test('the newest packages, the pinned, what serves and what served before stay; the rest goes', async () => {
  const app = await newApp()
  const builds = []
  for (const image of ['j1', 'j2', 'j3', 'j4', 'j5', 'j6', 'j7']) builds.push(await succeed(app, image))
  const [b1, b2, b3, b4, b5] = builds
  if (!b1 || !b2 || !b3 || !b4 || !b5) return assert.fail()
  await release(app, b1)
  await release(app, b2)
  await release(app, b3, false)
  await store.write([], (tx) => setPinned(tx, b4, true))
  await store.write([], (tx) => retirePackages(tx, 2))
  const kept = await Promise.all(builds.map(async (build) => (await now(build)).kept))
  assert.deepEqual(kept, [1, 1, 0, 1, 0, 1, 1])
  const images = await store.read(neededImages)
  assert.deepEqual(
    ['j1', 'j2', 'j3', 'j4', 'j5', 'j6', 'j7'].filter((image) => images.has(image)),
    ['j1', 'j2', 'j4', 'j6', 'j7'],
  )
  await assert.rejects(
    store.write([], (tx) => dropPackage(tx, b2)),
    { code: 'STATE', message: /v2 runs, which is live/ },
  )
  await assert.rejects(
    store.write([], async (tx) => setPinned(tx, await now(b5), true)),
    { code: 'IMAGE_GONE' },
  )
  await store.write([], async (tx) => dropPackage(tx, await now(b4)))
  assert.deepEqual([(await now(b4)).kept, (await now(b4)).pinned], [0, 0])
})

test('records of builds go when they are old and many, but for those that are kept', async () => {
  const app = await newApp()
  const old = await queued(app)
  await store.write([], (tx) => endBuild(tx, old.id, 'failed', { code: 'CANCELLED', message: '' }))
  const kept = await succeed(app, 'k')
  const later = Date.now() + retention.operationsMs + 1_000
  assert.equal(await store.write([], (tx) => forgetOldBuilds(tx, later)), 0)
  assert.ok((await store.write([], (tx) => forgetOldBuilds(tx, later, 0))) > 0)
  assert.equal(await store.read((tx) => buildById(tx, old.id)), undefined)
  assert.equal((await now(kept)).number, 2)
})
