import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiAs } from '../../../test/harness/api.ts'
import { inputOf, operationById } from '../store/operations.ts'

const { api, ask, get, codeOf, stop } = await apiAs('member')
after(stop)

test('variables of a running app change by an operation with sealed values', async () => {
  const { name } = await api.app()
  const body = { set: { A: { value: 'canary-a' } }, unset: ['GREETING'] }
  const { json } = await ask('PATCH', `/apps/${name}/env`, { body })
  assert.deepEqual([json.env, json.operation.kind, json.operation.about], [['A'], 'env', 'A -GREETING'])
  const row = await api.store.read((tx) => operationById(tx, json.operation.id))
  assert.ok(row && !row.input.includes('canary-a'))
  const input = inputOf(row)
  assert.equal(input.kind === 'env' && api.store.cipher.open(input.set.A ?? ''), 'canary-a')
})

test('variables change at once where nothing is deployed, or no release is wanted', async () => {
  await ask('POST', '/apps', { body: { name: 'staged' } })
  const first = await ask('PATCH', '/apps/staged/env', { body: { set: { A: { value: '1' }, B: { value: '2' } } } })
  assert.deepEqual(first.json, { env: ['A', 'B'], operation: null })
  const { name } = await api.app()
  const second = await ask('PATCH', `/apps/${name}/env?release=false`, { body: { unset: ['GREETING'] } })
  assert.deepEqual(second.json, { env: [], operation: null })
})

test('what only builds see makes no release, and joins no operation', async () => {
  const { name } = await api.app()
  const change = async (set: object, unset: string[] = []) =>
    (await ask('PATCH', `/apps/${name}/env`, { body: { set, unset } })).json
  assert.equal((await change({ TOKEN: { value: 'canary', scope: 'build' } })).operation, null)
  assert.equal((await change({ TOKEN: { value: 'canary-2' } })).operation, null)
  assert.equal((await change({ GREETING: { scope: 'both' } })).operation, null)
  assert.deepEqual(await scopesOf(name), { GREETING: 'both', TOKEN: 'build' })
  assert.match((await change({ NONE: { scope: 'build' } })).error.message, /^set\.NONE: has no value/)
  const { operation } = await change({ GREETING: { scope: 'build' }, OTHER: { value: 'x', scope: 'both' } }, ['TOKEN'])
  const row = await api.store.read((tx) => operationById(tx, operation.id))
  const input = row && inputOf(row)
  assert.deepEqual(input?.kind === 'env' && [input.scopes, input.unset], [{ GREETING: 'build', OTHER: 'both' }, []])
  assert.deepEqual(await scopesOf(name), { GREETING: 'both' })
})

const scopesOf = async (app: string) =>
  Object.fromEntries((await get(`/apps/${app}/env`)).map(({ name, scope }: Row) => [name, scope]))

test('a secret is never read again, whoever asks, and stays one', async () => {
  const { name } = await api.app()
  const set = (variable: object) =>
    ask('PATCH', `/apps/${name}/env?release=false`, { body: { set: { KEY: variable } } })
  await set({ value: 'hidden', secret: true })
  await set({ value: 'hidden-too' })
  const shown = (await get(`/apps/${name}/env?values=true`)).map(({ name, value, secret }: Row) => [
    name,
    value,
    secret,
  ])
  assert.deepEqual(shown, [
    ['GREETING', 'hello', false],
    ['KEY', null, true],
  ])
  await ask('PATCH', `/apps/${name}/env?release=false`, { body: { unset: ['KEY'] } })
  const opened = await set({ value: 'x', secret: false })
  assert.match(opened.json.error.message, /^set\.KEY: is a secret and stays one/)
})

test('a change of variables that changes nothing or contradicts itself is refused', async () => {
  const { name } = await api.app()
  for (const body of [{}, { set: {} }, { set: { A: { value: '1' } }, unset: ['A'] }]) {
    assert.equal(await codeOf(ask('PATCH', `/apps/${name}/env`, { body })), 'INVALID')
  }
})

test('reading values is noted in the events, reading names is not', async () => {
  const { name } = await api.app()
  await get(`/apps/${name}/env`)
  await get(`/apps/${name}/env?values=true`)
  const admin = await api.token('admin')
  const { json } = await ask('GET', '/teams/alpha/events', { token: admin })
  const reads = json.filter(({ action, target }: Row) => action === 'listEnv' && target === `app ${name}`)
  assert.deepEqual([reads.length, reads[0].actor, reads[0].source, reads[0].result], [1, 'max', '127.0.0.1', 'ok'])
})

test('scale is checked against the live release and asked for by an operation', async () => {
  const { name } = await api.app()
  const { json } = await ask('PATCH', `/apps/${name}/scale`, { body: { web: { count: 3 }, worker: { memoryMb: 256 } } })
  assert.equal(json.operation.about, 'web=3 worker memory=256M')
  assert.deepEqual(json.scale[0], { process: 'web', count: 3, memoryMb: 512, cpu: 1 })
  const unknown = await ask('PATCH', `/apps/${name}/scale`, { body: { wob: { count: 1 } } })
  assert.match(unknown.json.error.message, /has no process "wob"; it has web, worker/)
  for (const body of [{}, { web: {} }, { web: { count: -1 } }, { web: { count: 1.5 } }, { web: { cpu: 0 } }]) {
    assert.equal(await codeOf(ask('PATCH', `/apps/${name}/scale`, { body })), 'INVALID')
  }
  const tooMany = await ask('PATCH', `/apps/${name}/scale`, { body: { web: { count: 100_000 } } })
  assert.equal(tooMany.json.error.message, 'web.count: must be a whole number from 0 to 1000')
})

test('before the first release a scale is only noted', async () => {
  await ask('POST', '/apps', { body: { name: 'unscaled' } })
  const { json } = await ask('PATCH', '/apps/unscaled/scale', { body: { web: { count: 2 } } })
  assert.equal(json.operation, null)
  assert.deepEqual(await get('/apps/unscaled/scale'), [{ process: 'web', count: 2, memoryMb: 512, cpu: 1 }])
})

test('domains are added once, never below the platform, and removed', async () => {
  const { name } = await api.app()
  const other = await api.app()
  const add = (app: string, name: string, more: object = {}) =>
    ask('POST', `/apps/${app}/domains`, { body: { name, ...more } })
  assert.equal((await add(name, ` WWW.${name}.Org. `)).json.name, `www.${name}.org`)
  assert.equal(await codeOf(add(other.name, `www.${name}.org`)), 'DOMAIN_TAKEN')
  for (const taken of [`${other.name}.test.localhost`, 'berth.test.localhost', 'test.localhost', '*.test.localhost']) {
    assert.equal(await codeOf(add(name, taken)), 'INVALID', taken)
  }
  assert.equal(await codeOf(add(name, 'skip.example.org', { verify: false })), 'FORBIDDEN')
  assert.equal((await ask('DELETE', `/apps/${name}/domains/www.${name}.org`)).status, 200)
  assert.equal(await codeOf(ask('DELETE', `/apps/${name}/domains/www.${name}.org`)), 'NOT_FOUND')
})

type Row = Record<string, unknown>
