import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startApi, type TestApi } from '../../../test/harness/api.ts'
import {
  buildsWithoutPackage,
  forgetPackage,
  hurryPackages,
  isShared,
  markOfPackage,
  markPackage,
  packageFailed,
  packageOf,
  packageStored,
  packagesDue,
  retireStored,
  storedPackage,
  wantPackage,
} from './packageRows.ts'
import type { ReadTx } from './store.ts'

const place = 'somewhere/'
let api: TestApi
before(async () => {
  api = await startApi()
})
after(() => api[Symbol.asyncDispose]())

const stateOf = (id: string) => api.store.read(async (tx) => (await packageOf(tx, id))?.state)
const dueIds = () => api.store.read(async (tx) => (await packagesDue(tx)).map(({ build_id }) => build_id))

/** Build 1 of a new app, which succeeded and is kept. */
async function newBuild() {
  const app = await api.app()
  const read = (tx: ReadTx) =>
    tx.selectFrom('builds').selectAll().where('app_id', '=', app.id).where('number', '=', 1).executeTakeFirstOrThrow()
  const build = await api.store.read(read)
  const image = build.image ?? ''
  const row = { build_id: build.id, app: app.name, number: 1, image, place, reference: `${app.name}:${image}` }
  return { app, build, row }
}

test('a kept build has a package to be wanted, once, and is done with when it is stored', async () => {
  const { build, row } = await newBuild()
  const without = () =>
    api.store.read(async (tx) => (await buildsWithoutPackage(tx, place)).filter(({ id }) => id === build.id))
  assert.equal((await without()).length, 1)
  await api.store.write([], (tx) => wantPackage(tx, row))
  await api.store.write([], (tx) => wantPackage(tx, row))
  assert.equal((await without()).length, 0)
  assert.ok((await dueIds()).includes(build.id))
  await api.store.write([], (tx) => markPackage(tx, row, 'upload'))
  assert.equal(await api.store.read((tx) => markOfPackage(tx, row)), 'upload')
  await api.store.write([], (tx) => packageStored(tx, row, { digest: 'sha256:1', bytes: 7 }))
  assert.equal(await api.store.read((tx) => markOfPackage(tx, row)), null)
  assert.ok(!(await dueIds()).includes(build.id))
  const found = await api.store.read((tx) => storedPackage(tx, place, row.image))
  assert.deepEqual([found?.digest, found?.bytes], ['sha256:1', 7])
  assert.equal(await api.store.read((tx) => storedPackage(tx, 'elsewhere', row.image)), undefined)
})

test('what failed waits, and is tried at once when the storage works again', async () => {
  const { build, row } = await newBuild()
  await api.store.write([], (tx) => wantPackage(tx, row))
  const later = new Date(Date.now() + 3_600_000).toISOString()
  await api.store.write([], (tx) => packageFailed(tx, row, 'it is full', later))
  assert.ok(!(await dueIds()).includes(build.id))
  await api.store.write([], hurryPackages)
  assert.ok((await dueIds()).includes(build.id))
  const again = await api.store.read((tx) => packageOf(tx, build.id))
  assert.deepEqual([again?.failures, again?.error], [1, 'it is full'])
})

test('packages go that nobody keeps: of deleted builds, of other images, of apps that are gone; not of builds under way', async () => {
  const [kept, dropped, other, gone, running] = await Promise.all([
    newBuild(),
    newBuild(),
    newBuild(),
    newBuild(),
    newBuild(),
  ])
  const set = (id: string, values: object) =>
    api.store.write([], (tx) => tx.updateTable('builds').set(values).where('id', '=', id).execute())
  for (const { row } of [kept, dropped, other, gone, running]) await api.store.write([], (tx) => wantPackage(tx, row))
  await set(dropped.build.id, { kept: 0 })
  await set(other.build.id, { image: 'sha256:other' })
  await set(running.build.id, { kept: 0, state: 'running', image: null })
  await api.store.write([], (tx) => tx.deleteFrom('apps').where('id', '=', gone.app.id).execute())
  await api.store.write([], retireStored)
  const states = await Promise.all([kept, dropped, other, gone, running].map(({ build }) => stateOf(build.id)))
  assert.deepEqual(states, ['storing', 'removing', 'removing', 'removing', 'storing'])
  const due = await dueIds()
  assert.deepEqual(
    [dropped, gone, running].map(({ build }) => due.includes(build.id)),
    [true, true, false],
  )
})

test('one image of two builds is one thing in the storage, until the last of them goes', async () => {
  const { row } = await newBuild()
  const twin = { ...row, build_id: `${row.build_id}-twin`, number: 2 }
  for (const one of [row, twin]) await api.store.write([], (tx) => wantPackage(tx, one))
  assert.equal(await api.store.read((tx) => isShared(tx, row)), true)
  await api.store.write([], (tx) => forgetPackage(tx, twin))
  assert.equal(await api.store.read((tx) => isShared(tx, row)), false)
})
