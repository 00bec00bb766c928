import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { appName, label } from '../../model/names.ts'
import type { OperationInput, Phase } from '../../model/operation.ts'
import type { AppRow, OperationRow } from './access.ts'
import { createApp } from './apps.ts'
import { cipherAt } from './cipher.ts'
import {
  endOperation,
  enterPhase,
  OperationOver,
  operationById,
  requestCancel,
  requestDestroy,
  requestOperation,
} from './operations.ts'
import { createTeam } from './people.ts'
import { openStore, type Store } from './store.ts'

const dir = mkdtempSync(join(tmpdir(), 'berth-operations-'))
let store: Store
let count = 0
before(async () => {
  store = await openStore(join(dir, 'db.sqlite'), cipherAt(join(dir, 'key'), { mayCreate: true }))
})
after(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

const deployInput: OperationInput = { kind: 'deploy', source: { kind: 'git' }, commit: null, message: '' }
const restartInput: OperationInput = { kind: 'restart', processes: [] }
const runInput: OperationInput = { kind: 'run', command: ['ls'], tty: false, attached: false }

const newApp = () =>
  store.write('apps', async (tx) => {
    const name = `app${++count}`
    return createApp(tx, appName(name), await createTeam(tx, label('team', name)))
  })
const request = (app: AppRow, input: OperationInput = deployInput) =>
  store.write('operations', (tx) => requestOperation(tx, app, input, 'ada'))
const enter = (operation: OperationRow, phase: Phase) =>
  store.write('operations', (tx) => enterPhase(tx, operation, phase))
const cancel = async (operation: OperationRow) => {
  const row = await now(operation)
  await store.write('operations', (tx) => requestCancel(tx, row, 'max'))
}
const destroy = async (app: AppRow) => {
  const row = await store.read((tx) =>
    tx.selectFrom('apps').selectAll().where('id', '=', app.id).executeTakeFirstOrThrow(),
  )
  return store.write('operations', (tx) => requestDestroy(tx, row, 'ada'))
}
const now = async ({ id }: OperationRow) => (await store.read((tx) => operationById(tx, id))) ?? assert.fail('gone')
const stateOf = async (operation: OperationRow) => (await now(operation)).state

test('a deploy that waits is superseded by a newer one and says by which', async () => {
  const app = await newApp()
  const old = await request(app)
  const newer = await request(app)
  const { state, phase, error_code, error_message, finished_at } = await now(old)
  assert.deepEqual([state, phase, error_code], ['superseded', 'done', 'SUPERSEDED'])
  assert.match(error_message ?? '', new RegExp(newer.id))
  assert.ok(finished_at)
  assert.equal(await stateOf(newer), 'queued')
})

test('a deploy under way is not superseded, and neither is anything else, nor another app', async () => {
  const [app, other] = [await newApp(), await newApp()]
  const running = await request(app)
  await enter(running, 'building')
  const [restart, elsewhere] = [await request(app, restartInput), await request(other)]
  await request(app)
  assert.deepEqual(await Promise.all([running, restart, elsewhere].map(stateOf)), ['running', 'queued', 'queued'])
})

test('what was superseded just before it was taken is not taken', async () => {
  const app = await newApp()
  const old = await request(app)
  await request(app)
  await assert.rejects(enter(old, 'building'), OperationOver)
  assert.equal(await stateOf(old), 'superseded')
})

test('phases are noted once each, with the time of the first as the start', async () => {
  const operation = await request(await newApp())
  for (const phase of ['building', 'gating', 'swapping'] as const) await enter(operation, phase)
  const { steps, started_at, state } = await now(operation)
  const noted = JSON.parse(steps) as { phase: string; at: string }[]
  assert.deepEqual(
    noted.map(({ phase }) => phase),
    ['building', 'gating', 'swapping'],
  )
  assert.deepEqual([state, noted[0]?.at], ['running', started_at])
})

test('an operation ends once', async () => {
  const operation = await request(await newApp())
  await store.write('operations', (tx) => endOperation(tx, operation.id, 'succeeded'))
  await store.write('operations', (tx) =>
    endOperation(tx, operation.id, 'failed', { code: 'UNEXPECTED', message: 'x' }),
  )
  assert.equal(await stateOf(operation), 'succeeded')
})

test('what waits is cancelled at once', async () => {
  const operation = await request(await newApp(), restartInput)
  await cancel(operation)
  const { state, error_code, cancel_by } = await now(operation)
  assert.deepEqual([state, error_code, cancel_by], ['cancelled', 'CANCELLED', 'max'])
})

for (const phase of ['building', 'releasing', 'gating'] as const) {
  test(`what is ${phase} is asked to end, and cannot go on`, async () => {
    const operation = await request(await newApp())
    await enter(operation, phase)
    await cancel(operation)
    assert.deepEqual([await stateOf(operation), (await now(operation)).cancel_by], ['running', 'max'])
    await assert.rejects(enter(operation, 'swapping'), { code: 'CANCELLED', message: 'cancelled by max' })
  })
}

test('what is swapping, or over, cannot be cancelled', async () => {
  const operation = await request(await newApp())
  await enter(operation, 'swapping')
  await assert.rejects(cancel(operation), { code: 'STATE', message: /it is swapping, and must be queued, building/ })
  await store.write('operations', (tx) => endOperation(tx, operation.id, 'succeeded'))
  await assert.rejects(cancel(operation), { code: 'STATE', message: /it is succeeded/ })
})

test('a run that waits is left to who is about to start it', async () => {
  const operation = await request(await newApp(), runInput)
  await cancel(operation)
  assert.equal(await stateOf(operation), 'queued')
  await assert.rejects(enter(operation, 'releasing'), { code: 'CANCELLED' })
})

test('destroying an app ends what waits and what goes on, and lets nothing new in', async () => {
  const app = await newApp()
  const [running, waiting] = [await request(app), await request(app, restartInput)]
  await enter(running, 'building')
  const run = await request(app, runInput)
  await destroy(app)
  assert.deepEqual(await Promise.all([running, waiting, run].map(stateOf)), ['running', 'cancelled', 'queued'])
  assert.match((await now(running)).cancel_by ?? '', /^ada, who destroys the app$/)
  assert.ok((await now(run)).cancel_by)
  await assert.rejects(destroy(app), { code: 'STATE' })
  await assert.rejects(request({ ...app, destroying: 1 }), { code: 'STATE', message: /being destroyed/ })
})

test('a destroy that has not begun can be cancelled, and the app is as before', async () => {
  const app = await newApp()
  const operation = await destroy(app)
  await cancel(operation)
  assert.equal(await stateOf(operation), 'cancelled')
  assert.equal((await destroy(app)).state, 'queued')
})

test('a destroy that failed can be asked for again', async () => {
  const app = await newApp()
  const operation = await destroy(app)
  await enter(operation, 'swapping')
  await store.write('operations', (tx) =>
    endOperation(tx, operation.id, 'failed', { code: 'UNEXPECTED', message: 'x' }),
  )
  assert.equal((await destroy(app)).state, 'queued')
})
