import assert from 'node:assert/strict'
import test, { after, before, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { addDomain, removeDomain } from '../../src/contract/domains.ts'
import { changeEnv } from '../../src/contract/env.ts'
import { restart, rollback } from '../../src/contract/releases.ts'
import { changeScale } from '../../src/contract/scale.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { load } from '../harness/load.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'

const times = 20
const params = { app: 'busy' }
/** Requests a second. Low, for a machine that is busy with other tests; set it where nothing else runs. */
const floor = Number(process.env.BERTH_TEST_RATE ?? 20)

let berth: TestBerth
let repository: Awaited<ReturnType<typeof newRepository>>

before(async () => {
  berth = await startBerth()
  repository = await newRepository(site({ text: 'start', answerMs: 5 }))
  await berth.createApp('busy')
  const { code, stderr } = await berth.push(repository, 'busy')
  assert.equal(code, 0, stderr)
})
after(async () => {
  await repository?.[Symbol.asyncDispose]()
  await berth?.[Symbol.asyncDispose]()
})

/** Requests all the time, on kept and on new connections, while something is done again and again. */
async function underLoad(t: TestContext, times: number, work: (round: number) => Promise<void>) {
  const traffic = load(berth.target('busy'), 6)
  const started = performance.now()
  try {
    for (let round = 0; round < times; round++) await work(round)
    await sleep(1_000)
  } finally {
    const { total, failed } = await traffic.stop()
    const perSecond = (total * 1_000) / (performance.now() - started)
    t.diagnostic(`${total} requests, ${perSecond.toFixed(0)} a second, ${failed.length} failed`)
    assert.deepEqual(failed.slice(0, 3), [], `${failed.length} of ${total} requests failed`)
    assert.ok(perSecond > floor, `only ${perSecond.toFixed(0)} requests a second were made`)
  }
}

async function succeeds() {
  const operation = await berth.settled('busy')
  assert.equal(operation.state, 'succeeded', operation.error?.message ?? '')
}

test(`${times} pushes`, (t) =>
  underLoad(t, times, async (round) => {
    await repository.commit(site({ text: `push ${round}`, answerMs: 5 }))
    const { code, stderr } = await berth.push(repository, 'busy')
    assert.equal(code, 0, stderr)
    assert.equal((await berth.get('busy')).body, `push ${round}`)
  }))

test(`${times} configuration changes`, (t) =>
  underLoad(t, times, async (round) => {
    const body = { set: { ROUND: { value: String(round) } }, unset: [] }
    await berth.client.call(changeEnv, { params, query: {}, body })
    await succeeds()
  }))

test(`${times} restarts`, (t) =>
  underLoad(t, times, async () => {
    await berth.client.call(restart, { params, body: { processes: [] } })
    await succeeds()
  }))

test(`${times} scales`, (t) =>
  underLoad(t, times, async (round) => {
    await berth.client.call(changeScale, { params, body: { web: { count: [2, 1, 3][round % 3] ?? 1 } } })
    await succeeds()
  }))

test(`${times} rollbacks`, (t) =>
  underLoad(t, times, async () => {
    await berth.client.call(rollback, { params, body: {} })
    await succeeds()
  }))

test(`${times} changes of domains`, (t) =>
  underLoad(t, times, async (round) => {
    const name = `extra${round}.example.com`
    await berth.client.call(addDomain, { params, body: { name } })
    if (round % 2) await berth.client.call(removeDomain, { params: { ...params, domain: name } })
  }))

test('the server killed and started again, five times, with a deploy under way', (t) =>
  underLoad(t, 5, async (round) => {
    await repository.commit(site({ text: `kill ${round}`, answerMs: 5 }))
    const pushed = berth.push(repository, 'busy')
    await sleep(200 + 250 * round)
    await berth.server.kill('SIGKILL')
    await pushed
    await berth.server.up()
    await berth.settled('busy')
  }))
