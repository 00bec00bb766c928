import assert from 'node:assert/strict'
import { type ClientRequest, request } from 'node:http'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readInfo } from '../../src/agent/router/running.ts'
import { ask } from '../../src/agent/router/socket.ts'
import { appLogs } from '../../src/contract/logs.ts'
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
  await until('left-over services to go', async () => (await servicesOf(app)).length === 1)
}

async function servicesOf(app: string): Promise<string[]> {
  const services = await berth.engine.services.list(`${labels.cluster}=${berth.cluster}`)
  return services.filter((service) => service.labels[labels.app] === app).map(({ name }) => name)
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

test('killed in the swap, before the router has followed: the new release serves', async () => {
  await using repository = await newRepository(site({ text: 'before' }))
  await berth.createApp('swapping')
  assert.equal((await berth.push(repository, 'swapping')).code, 0)
  await repository.commit(site({ text: 'after' }))
  {
    await using _held = await holdRouter()
    await pushAndKill('swapping', repository, 'swapping')
  }
  assert.ok(['before', 'after'].includes((await berth.get('swapping')).body), 'it serves while the server is dead')
  await berth.server.up()
  assert.equal((await berth.settled('swapping')).state, 'succeeded')
  assert.equal((await berth.get('swapping')).body, 'after')
  await assertNothingLeftOver('swapping')
})

/** This installation's HAProxy answers nothing, and follows nothing, until it is let go. */
async function holdRouter(): Promise<AsyncDisposable> {
  const [info = ''] = await ask(join(berth.dir, 'run/router.sock'), ['show info'])
  const { pid } = readInfo(info)
  process.kill(pid, 'SIGSTOP')
  return { [Symbol.asyncDispose]: async () => void process.kill(pid, 'SIGCONT') }
}

test('killed while the old instances drain: their requests end well, and then they go', async () => {
  const patient = (text: string) => {
    const files = site({ text, definition: 'drain: 5m\n' })
    return { ...files, 'server.js': `${files['server.js']}`.replace(answersAtOnce, answersAtTheEnd) }
  }
  await using repository = await newRepository(patient('before'))
  await berth.createApp('draining')
  assert.equal((await berth.push(repository, 'draining')).code, 0)
  const open = await beginRequest('draining')
  await repository.commit(patient('after'))
  assert.equal((await berth.push(repository, 'draining')).code, 0)
  assert.equal((await servicesOf('draining')).length, 2, 'the old set drains')
  await berth.server.kill('SIGKILL')
  await berth.server.up()
  assert.equal((await berth.get('draining')).body, 'after')
  await sleep(2_000) // time in which it could do wrong
  assert.equal((await servicesOf('draining')).length, 2, 'it still drains')
  assert.deepEqual(await open.end(), { status: 200, body: 'before' })
  await assertNothingLeftOver('draining')
})

const answersAtOnce = 'setTimeout(() => response.end(answer), answerMs)'
const answersAtTheEnd = `console.log('asked', request.method); request.resume().on('end', () => response.end(answer))`

/** A request that has reached an instance; it is answered when its body ends. */
async function beginRequest(app: string) {
  const { port, host } = berth.target(app)
  const sent = request({ host: '127.0.0.1', port, method: 'POST', headers: { host, 'transfer-encoding': 'chunked' } })
  const answer = answerTo(sent)
  answer.catch(() => undefined)
  sent.write('begun')
  const lines = () => Array.fromAsync(berth.client.stream(appLogs, { params: { app }, query: {} }))
  await until('the request to arrive', async () => (await lines()).some(({ text }) => text === 'asked POST'))
  const end = () => {
    sent.end()
    return answer
  }
  return { end }
}

function answerTo(sent: ClientRequest) {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', async (response) => {
      const chunks = await response.setEncoding('utf8').toArray()
      resolve({ status: response.statusCode, body: chunks.join('') })
    })
  })
}

for (const ms of [50, 150, 300, 500, 700, 900, 1_100, 1_300]) {
  test(`killed ${ms} ms after the push began`, () => survives(`after${ms}`, ms, { text: 'after', startMs: 100 }))
}
