import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listAppOperations } from '../../src/contract/operations.ts'
import { labels } from '../../src/model/instance.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
before(async () => {
  berth = await startBerth()
})
after(() => berth?.[Symbol.asyncDispose]())

/** Kills the server as soon as the newest operation is in the phase, or the time has passed since the push began. */
async function pushAndKill(app: string, repository: Awaited<ReturnType<typeof newRepository>>, when: string | number) {
  const pushed = berth.push(repository, app)
  if (typeof when === 'number') await sleep(when)
  else await until(`phase ${when}`, async () => (await newestPhase(app)) === when, 60_000)
  await berth.server.kill('SIGKILL')
  return await pushed
}

async function newestPhase(app: string) {
  const [newest] = await berth.client.call(listAppOperations, { params: { app }, query: {} })
  return newest?.state === 'running' ? newest.phase : undefined
}

/** One Swarm service per live set, nothing else: what was begun is either finished or cleared away. */
async function assertNothingLeftOver(app: string) {
  await until('left-over services to go', async () => {
    const services = await berth.engine.services.list(`${labels.cluster}=${berth.cluster}`)
    return services.filter((service) => service.labels[labels.app] === app).length === 1
  })
}

async function survives(app: string, when: string | number, slow: Parameters<typeof site>[0]) {
  await using repository = await newRepository(site({ text: 'before' }))
  await berth.createApp(app)
  assert.equal((await berth.push(repository, app)).code, 0)
  await repository.commit(site(slow))
  await pushAndKill(app, repository, when)
  const served = await berth.get(app)
  assert.ok(['before', slow.text].includes(served.body), 'the app serves while the server is dead')

  await berth.server.up()
  const { state } = await berth.settled(app)
  const { body } = await berth.get(app)
  assert.ok(state === 'failed' ? body === 'before' : ['before', slow.text].includes(body), `${state}: ${body}`)
  await assertNothingLeftOver(app)

  await repository.commit(site({ text: 'later' }))
  const later = await berth.push(repository, app)
  assert.equal(later.code, 0, later.stderr)
  assert.equal((await berth.get(app)).body, 'later')
}

const slowBuild = `build:\n  command: sleep 3\n`

test('killed while building: the build is done again', () =>
  survives('building', 'building', { text: 'after', definition: slowBuild }))

test('killed while the release command runs', () =>
  survives('releasing', 'releasing', { text: 'after', definition: 'release: sleep 2\n' }))

test('killed while new instances start', () => survives('gating', 'gating', { text: 'after', startMs: 2_000 }))

test('killed while the postdeploy command runs', () =>
  survives('finishing', 'finishing', { text: 'after', definition: 'postdeploy: sleep 2\n' }))

for (const ms of [50, 150, 300, 500, 700, 900, 1_100, 1_300]) {
  test(`killed ${ms} ms after the push began`, () => survives(`after${ms}`, ms, { text: 'after', startMs: 100 }))
}
