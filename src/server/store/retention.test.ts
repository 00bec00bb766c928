import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { OperationState } from '../../model/operation.ts'
import { cipherAt } from './cipher.ts'
import { replaceSeen } from './instances.ts'
import { forgetGoneNodes, forgetOldEvents, forgetOldOperations, retention } from './retention.ts'
import { openStore } from './store.ts'

async function fresh(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'berth-retention-'))
  const store = await openStore(join(dir, 'db.sqlite'), cipherAt(join(dir, 'key'), { mayCreate: true }))
  t.after(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  })
  return store
}
type Store = Awaited<ReturnType<typeof fresh>>

const nowMs = Date.parse('2026-06-01T00:00:00Z')
const day = 24 * 60 * 60 * 1000
const daysAgo = (days: number) => new Date(nowMs - days * day).toISOString()

let count = 0
const addOperations = (store: Store, many: number, app: string, days: number, state: OperationState = 'succeeded') =>
  store.write([], async (tx) => {
    for (let n = 0; n < many; n++) {
      const common = {
        app_id: null,
        team_id: 't',
        kind: 'restart',
        phase: 'done',
        input: '{}',
        author: 'ada',
        steps: '[]',
      } as const
      const none = { release_number: null, error_code: null, error_message: null, cancel_by: null, started_at: null }
      const times = { created_at: daysAgo(days), finished_at: state === 'running' ? null : daysAgo(days) }
      await tx
        .insertInto('operations')
        .values({ ...common, ...none, ...times, id: `o${++count}`, app, state })
        .execute()
    }
  })
const operations = (store: Store, app: string) =>
  store.read(async (tx) => (await tx.selectFrom('operations').select('id').where('app', '=', app).execute()).length)
const forget = (store: Store) => store.write([], (tx) => forgetOldOperations(tx, nowMs))

test('old operations go when they are not among the newest of their app', async (t) => {
  const store = await fresh(t)
  await addOperations(store, 30, 'busy', 100)
  await addOperations(store, 200, 'busy', 80)
  await addOperations(store, 20, 'quiet', 300)
  assert.equal(await forget(store), 30)
  assert.deepEqual([await operations(store, 'busy'), await operations(store, 'quiet')], [200, 20])
  assert.equal(await forget(store), 0)
})

test('what is not over stays, however old, and so does what is young, however many', async (t) => {
  const store = await fresh(t)
  await addOperations(store, 1, 'busy', 500, 'running')
  await addOperations(store, 250, 'busy', 89)
  assert.equal(await forget(store), 0)
})

test('a long history goes in parts', async (t) => {
  const store = await fresh(t)
  await addOperations(store, retention.atOnce + retention.operationsPerApp + 7, 'busy', 100)
  assert.deepEqual([await forget(store), await forget(store), await forget(store)], [retention.atOnce, 7, 0])
})

test('old events go', async (t) => {
  const store = await fresh(t)
  const event = { actor: 'ada', action: 'a', target: 't', team_id: null, source: '', result: 'ok' }
  await store.write([], (tx) =>
    tx
      .insertInto('events')
      .values([401, 399, 1].map((days) => ({ ...event, at: daysAgo(days) })))
      .execute(),
  )
  assert.equal(await store.write([], (tx) => forgetOldEvents(tx, nowMs)), 1)
  assert.equal((await store.read((tx) => tx.selectFrom('events').select('seq').execute())).length, 2)
})

test('a node that no longer reports while another does is forgotten with its instances; a lonely one never', async (t) => {
  const store = await fresh(t)
  const instance = {
    id: 'c1',
    set: 's',
    app: 'a',
    process: 'web',
    release: 1,
    state: 'running',
    health: 'healthy',
    address: null,
  } as const
  const rest = { exitCode: null, oomKilled: false, note: '', startedAt: null, finishedAt: null }
  const seen = (node: string, id: string) =>
    store.write([], (tx) =>
      replaceSeen(tx, node, [{ ...instance, ...rest, id, node }], { revision: 1, routed: ['s'], busy: {} }),
    )
  await seen('old-name', 'c1')
  await store.write([], (tx) =>
    tx
      .updateTable('routers')
      .set({ seen_at: daysAgo(0) })
      .execute(),
  )
  assert.deepEqual(await store.write([], forgetGoneNodes), [])
  await seen('new-name', 'c2')
  assert.deepEqual(await store.write([], forgetGoneNodes), ['old-name'])
  const left = await store.read((tx) => tx.selectFrom('instances').select('node').execute())
  assert.deepEqual(
    left.map(({ node }) => node),
    ['new-name'],
  )
})
