import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiAs } from '../../../test/harness/api.ts'

const { api, ask, get, codeOf, stop } = await apiAs('member')
after(stop)

test('an app is created in the only team of its maker, and shows where to push', async () => {
  const { status, json } = await ask('POST', '/apps', { body: { name: 'first' } })
  assert.equal(status, 200)
  const { createdAt, ...rest } = json
  assert.ok(Date.parse(createdAt))
  assert.deepEqual(rest, {
    name: 'first',
    team: 'alpha',
    url: 'http://first.test.localhost:8080',
    git: { ssh: 'ssh://git@test.localhost:2222/first.git', http: 'http://berth.test.localhost:8080/first.git' },
    state: 'new',
    release: null,
    processes: [],
    domains: ['first.test.localhost'],
    env: [],
    deployBranch: null,
    stack: null,
  })
  assert.equal(await codeOf(ask('POST', '/apps', { body: { name: 'first' } })), 'NAME_TAKEN')
})

test('an operator in no team must say which one', async () => {
  const operator = await api.token('operator')
  const { status, json } = await ask('POST', '/apps', { token: operator, body: { name: 'which' } })
  assert.deepEqual([status, json.error.message], [400, 'team: name one of alpha, beta'])
})

test('a deployed app shows its release, processes, domains and names of variables', async () => {
  const { name } = await api.app()
  const { state, release, processes, domains, env } = await get(`/apps/${name}`)
  assert.equal(state, 'stopped')
  assert.deepEqual([release.number, release.state, release.commit], [2, 'live', 'a'.repeat(40)])
  assert.deepEqual(processes, [
    { name: 'web', command: ['node', 'server.js'], count: 1, memoryMb: 512, cpu: 1, running: 0 },
    { name: 'worker', command: ['node', 'worker.js'], count: 0, memoryMb: 512, cpu: 1, running: 0 },
  ])
  assert.deepEqual(domains, [`${name}.test.localhost`, `${name}.example.com`])
  assert.deepEqual(env, ['GREETING'])
})

test('the state of an app follows its instances', async () => {
  const { id, name } = await api.app()
  const state = async () => [(await get(`/apps/${name}`)).state, stateIn(await get('/apps'), name)]
  await addSet(id, name, 2)
  assert.deepEqual(await state(), ['degraded', 'degraded'])
  await addInstance(`${name}-1`, name)
  assert.deepEqual(await state(), ['degraded', 'degraded'])
  await addInstance(`${name}-2`, name)
  assert.deepEqual(await state(), ['running', 'running'])
  const [instance] = await get(`/apps/${name}/instances`)
  assert.deepEqual([instance.process, instance.role, instance.health], ['web', 'live', 'healthy'])
  await ask('POST', `/apps/${name}/restart`, { body: {} })
  assert.deepEqual(await state(), ['deploying', 'deploying'])
})

test('rollback goes to the release before, or to one that has served', async () => {
  const { name } = await api.app()
  const back = (body: object) => ask('POST', `/apps/${name}/rollback`, { body })
  assert.equal((await back({})).json.about, 'to v1')
  assert.equal(await codeOf(back({ to: 9 })), 'NOT_FOUND')
  assert.equal(await codeOf(back({ to: 0 })), 'INVALID')
})

test('what needs a release says so', async () => {
  await ask('POST', '/apps', { body: { name: 'empty' } })
  assert.equal(await codeOf(ask('POST', '/apps/empty/restart', { body: {} })), 'NOTHING_DEPLOYED')
  assert.equal(await codeOf(ask('POST', '/apps/empty/runs', { body: { command: ['ls'] } })), 'NOTHING_DEPLOYED')
  assert.equal(await codeOf(ask('POST', '/apps/empty/rollback', { body: {} })), 'NOTHING_DEPLOYED')
})

test('an app is destroyed only with its exact name, and takes no more orders then', async () => {
  const { name } = await api.app()
  const admin = await api.token('admin')
  const destroy = (confirm: string) => ask('DELETE', `/apps/${name}`, { token: admin, body: { confirm } })
  assert.equal(await codeOf(destroy('')), 'CONFIRM_NEEDED')
  assert.equal((await destroy(name)).json.kind, 'destroy')
  assert.equal((await get(`/apps/${name}`)).state, 'destroying')
  assert.equal(await codeOf(ask('POST', `/apps/${name}/restart`, { body: {} })), 'STATE')
})

const stateIn = (apps: Row[], name: string) => apps.find((app) => app.name === name)?.state

const addSet = (appId: string, name: string, count: number) =>
  api.store.write('sets', (tx) =>
    tx
      .insertInto('sets')
      .values({
        id: name,
        app_id: appId,
        release_number: 2,
        process: 'web',
        count,
        memory_mb: 512,
        cpu: 1,
        service: name,
        role: 'live',
        operation_id: 'x',
        created_at: '',
        draining_since: null,
        note: '',
      })
      .execute(),
  )

const addInstance = (id: string, app: string) =>
  api.store.write('instances', (tx) =>
    tx
      .insertInto('instances')
      .values({
        id,
        node: 'n1',
        set_id: app,
        app,
        process: 'web',
        release: 2,
        state: 'running',
        health: 'healthy',
        address: null,
        exit_code: null,
        oom_killed: 0,
        note: '',
        started_at: null,
        finished_at: null,
      })
      .execute(),
  )

type Row = Record<string, unknown>
