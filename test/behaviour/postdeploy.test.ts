import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { changeEnv } from '../../src/contract/env.ts'
import { cancelOperation } from '../../src/contract/operations.ts'
import { restart, rollback } from '../../src/contract/releases.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  berth = await startBerth({ BERTH_RELEASE_SECONDS: '12' })
  operations = operationsOf(berth)
})
after(() => berth?.[Symbol.asyncDispose]())

const saying = (text: string, command: string) => site({ text, definition: `postdeploy: ${JSON.stringify(command)}\n` })
const ranIn = (log: string) => [...log.matchAll(/^ +(\S+ ran for v\d+) as postdeploy$/gm)].map(([, what]) => what)
const says = (name: string) => `echo "${name} ran for $BERTH_RELEASE as $BERTH_PROCESS"`

async function allRuns(app: string) {
  const all = await operations.all(app)
  return (await Promise.all(all.toReversed().map((one) => operations.log(one)))).flatMap(ranIn)
}

test("Heroku's postdeploy runs after the first deploy, Dokku's after each new release, none after a restart", async () => {
  await berth.createApp('seeds')
  const scripts = { postdeploy: says('first'), dokku: { postdeploy: says('each') } }
  const files = { ...site({ text: 'one' }), 'app.json': JSON.stringify({ scripts }) }
  const first = await operations.deploy('seeds', files)
  await operations.succeeded(first)
  assert.match(await operations.log(first), /Healthy.*postdeploy command of the first deploy\n.*postdeploy command\n/s)
  await operations.succeeded(await operations.deploy('seeds', { ...files, ...site({ text: 'two' }) }))
  const set = { A: { value: '1' } }
  const { operation } = await berth.client.call(changeEnv, { params: { app: 'seeds' }, body: { set } })
  await operations.succeeded(operation)
  await operations.succeeded(await berth.client.call(restart, { params: { app: 'seeds' }, body: {} }))
  await operations.succeeded(await berth.client.call(rollback, { params: { app: 'seeds' }, body: { to: 1 } }))
  const each = [1, 2, 3, 4].map((number) => `each ran for v${number}`)
  assert.deepEqual(await allRuns('seeds'), ['first ran for v1', ...each])
  await until('its containers to go', async () => (await operations.oneOffs('seeds')).length === 0)
})

test('it runs while the new release serves already, and can no longer be cancelled', async () => {
  await berth.createApp('late')
  await operations.succeeded(await operations.deploy('late', site({ text: 'old' })))
  const operation = await operations.deploy('late', saying('new', 'sleep 8'))
  await operations.inPhase(operation, 'finishing')
  assert.equal((await berth.get('late')).body, 'new')
  await assert.rejects(berth.client.call(cancelOperation, { params: { operation: operation.id } }), {
    code: 'STATE',
    message: /it is finishing, and must be queued, building, releasing, gating/,
  })
  await operations.succeeded(operation)
})

for (const [what, command, reason] of [
  ['fails', 'echo no such hook >&2; exit 3', 'it exited with code 3'],
  ['takes too long', 'echo no such hook; sleep 60', 'it took longer than 12 s and was stopped'],
  ['is not there', ['/no/such hook'], 'it exited with code 127'],
] as const) {
  test(`a postdeploy that ${what} fails the operation, says so, and leaves the new release live`, async () => {
    const app = `hook-${what.replaceAll(' ', '-')}`
    await berth.createApp(app)
    const files = site({ text: what, definition: `postdeploy: ${JSON.stringify(command)}\n` })
    const operation = await operations.deploy(app, files)
    const { state, error } = await operations.ended(operation)
    const message = `v1 is live, but its postdeploy command failed: ${reason}`
    assert.deepEqual([state, error], ['failed', { code: 'POSTDEPLOY_FAILED', message }])
    const log = await operations.log(operation)
    assert.match(log, /no.such hook/)
    assert.doesNotMatch(log, /is not released/)
    assert.equal((await berth.get(app)).body, what)
    const { release } = await berth.showApp(app)
    assert.deepEqual([release?.number, release?.state], [1, 'live'])
    await until('its container to go', async () => (await operations.oneOffs(app)).length === 0)
  })
}

test('a push whose postdeploy fails is accepted, for its commit is what serves', async () => {
  await berth.createApp('pushed')
  await using repository = await newRepository(saying('pushed', 'exit 4'))
  const pushed = await berth.push(repository, 'pushed')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.match(pushed.stderr, / ! +v1 is live, but its postdeploy command failed: it exited with code 4/)
  assert.match(pushed.stderr, /-----> Deployed v1/)
  assert.match((await berth.push(repository, 'pushed')).stderr, /Everything up-to-date/)
  assert.equal((await berth.get('pushed')).body, 'pushed')
})

test('a server that is killed meanwhile goes on with it, and runs nothing twice', async () => {
  await berth.createApp('killed')
  const scripts = {
    postdeploy: says('first'),
    dokku: { postdeploy: `echo "began $(date +%s%N)"; sleep 4; ${says('each')}` },
  }
  const operation = await operations.deploy('killed', {
    ...site({ text: 'killed' }),
    'app.json': JSON.stringify({ scripts }),
  })
  await until('the second command', async () => (await operations.log(operation)).includes('began '))
  await berth.server.kill('SIGKILL')
  assert.equal((await berth.get('killed')).body, 'killed')
  await berth.server.up()
  await operations.succeeded(operation)
  const log = await operations.log(operation)
  assert.equal(new Set([...log.matchAll(/began (\d+)/g)].map(([, at]) => at)).size, 1, log)
  assert.deepEqual(new Set(ranIn(log)), new Set(['first ran for v1', 'each ran for v1']))
  await until('its containers to go', async () => (await operations.oneOffs('killed')).length === 0)
})
