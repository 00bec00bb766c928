import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { apiAs } from '../../../test/harness/api.ts'
import { appName } from '../../model/names.ts'
import { createApp } from '../store/apps.ts'
import { copyConfiguration } from '../store/clone.ts'
import { inputOf } from '../store/operations.ts'
import { markSecret } from '../store/secrets.ts'

let it: Awaited<ReturnType<typeof apiAs>>
before(async () => {
  it = await apiAs('member')
})
after(() => it.stop())

const post = (path: string, body: unknown) => it.ask('POST', path, { body })
const inputs = (app: string) =>
  it.api.store.read(async (tx) => {
    const rows = await tx.selectFrom('operations').selectAll().where('app', '=', app).orderBy('seq', 'desc').execute()
    return rows.map(inputOf)
  })

async function pipeline(stages = ['staging', 'production']) {
  const name = it.api.next('pipe')
  await post('/pipelines', { name, stages })
  const apps = await Promise.all(stages.map(() => it.api.app()))
  for (const [at, stage] of stages.entries()) await post(`/pipelines/${name}/apps`, { app: apps[at]?.name, stage })
  return { name, apps: apps.map((app) => app.name) }
}

test('a pipeline shows its stages in their order, and what runs in them', async () => {
  const { name, apps } = await pipeline(['test', 'staging', 'production'])
  const { stages, team } = await it.get(`/pipelines/${name}`)
  const shown = stages.map((stage: { name: string; apps: { name: string; release: number }[] }) => [
    stage.name,
    ...stage.apps.map((app) => `${app.name} v${app.release}`),
  ])
  assert.equal(team, 'alpha')
  assert.deepEqual(shown, [
    ['test', `${apps[0]} v2`],
    ['staging', `${apps[1]} v2`],
    ['production', `${apps[2]} v2`],
  ])
  const all = await it.get('/pipelines')
  assert.ok(all.some((one: { name: string }) => one.name === name))
})

test('a promotion deploys the image of the release that serves, to the apps of the next stage', async () => {
  const { apps } = await pipeline()
  const [from = '', to = ''] = apps
  const [plan] = await it.get(`/apps/${from}/promotion`)
  assert.deepEqual([plan.from, plan.to, plan.release, plan.same], [from, to, 2, false])
  assert.deepEqual([(await inputs(to)).length, plan.operation], [1, null])
  const [done] = (await post(`/apps/${from}/promotions`, {})).json
  assert.equal(done.operation.app, to)
  assert.match(done.operation.about, new RegExp(`from ${from} v2: first`))
  const [input] = await inputs(to)
  assert.ok(input?.kind === 'deploy' && input.source.kind === 'release')
  assert.deepEqual([input.source.app, input.source.number], [from, 2])
})

test('what serves there already is not released again, and what only one of the two knows is said', async () => {
  const [from, to] = [await it.api.app(), await it.api.app()]
  await it.ask('PATCH', `/apps/${from.name}/env?release=false`, { body: { set: { ONLY_HERE: { value: 'x' } } } })
  const different = (await it.get(`/apps/${from.name}/promotion?to=${to.name}`))[0]
  assert.deepEqual(different.missing, ['ONLY_HERE'])
  const { image } = different
  await it.api.store.write([], (tx) => tx.updateTable('releases').set({ image }).where('app_id', '=', to.id).execute())
  const [same] = (await post(`/apps/${from.name}/promotions`, { to: to.name })).json
  assert.deepEqual([same.same, same.operation], [true, null])
})

test('a promotion needs a next stage, something to promote, and the right on both apps', async () => {
  const { apps } = await pipeline()
  const code = (path: string, body: unknown) => it.codeOf(post(path, body))
  assert.equal(await code(`/apps/${apps[1]}/promotions`, {}), 'STATE')
  const lonely = await it.api.app()
  assert.equal(await code(`/apps/${lonely.name}/promotions`, {}), 'STATE')
  assert.equal(await code(`/apps/${lonely.name}/promotions`, { to: lonely.name }), 'INVALID')
  const empty = it.api.next('empty')
  await post('/apps', { name: empty, team: 'alpha' })
  assert.equal(await code(`/apps/${empty}/promotions`, { to: lonely.name }), 'NOTHING_DEPLOYED')
  const token = await it.api.token('stranger')
  const theirs = it.api.next('theirs')
  await it.api.ask('POST', '/api/v1/apps', { token, body: { name: theirs, team: 'beta' } })
  assert.equal(await code(`/apps/${lonely.name}/promotions`, { to: theirs }), 'NOT_FOUND')
})

test('pipelines refuse what makes no sense', async () => {
  const { name, apps } = await pipeline()
  const code = (path: string, body: unknown) => it.codeOf(post(path, body))
  assert.equal(await code('/pipelines', { name }), 'NAME_TAKEN')
  assert.equal(await code('/pipelines', { name: it.api.next('pipe'), stages: ['one'] }), 'INVALID')
  assert.equal(await code('/pipelines', { name: it.api.next('pipe'), stages: ['one', 'one'] }), 'INVALID')
  assert.equal(await code(`/pipelines/${name}/apps`, { app: apps[0], stage: 'nowhere' }), 'NOT_FOUND')
  const other = await pipeline()
  assert.equal(await code(`/pipelines/${other.name}/apps`, { app: apps[0], stage: 'staging' }), 'STATE')
  assert.equal((await it.ask('DELETE', `/pipelines/${name}/apps/${apps[0]}`)).status, 200)
  assert.equal((await post(`/pipelines/${other.name}/apps`, { app: apps[0], stage: 'staging' })).status, 200)
  assert.equal((await it.ask('DELETE', `/pipelines/${name}`)).status, 200)
  assert.equal((await it.ask('GET', `/apps/${apps[1]}`)).status, 200)
})

test('a clone has variables, secrets too, scales and source of its origin, and none of its host names', async () => {
  const from = await it.api.app()
  const secret = 'never-shown'
  await it.ask('PATCH', `/apps/${from.name}/env?release=false`, {
    body: { set: { TOKEN: { value: secret, secret: true }, AT_BUILD: { value: '1', scope: 'build' } } },
  })
  await it.api.store.write([], async (tx) => {
    await markSecret(tx, from.id, ['TOKEN'])
    await tx.insertInto('scales').values({ app_id: from.id, process: 'web', count: 3, memory_mb: 64, cpu: 1 }).execute()
  })
  await it.ask('PATCH', `/apps/${from.name}/source`, { body: { url: 'https://git.example.com/a.git', folder: 'api' } })
  const name = it.api.next('clone')
  const answer = await post(`/apps/${from.name}/clones`, { name })
  assert.ok(!answer.text.includes(secret))
  const { app, operation } = answer.json
  assert.deepEqual([app.name, app.domains, operation.kind], [name, [`${name}.test.localhost`], 'deploy'])
  const env = await it.get(`/apps/${name}/env?values=true`)
  const shown = env.map((one: { name: string; value: string | null; scope: string }) => [
    one.name,
    one.value,
    one.scope,
  ])
  assert.deepEqual(shown, [
    ['AT_BUILD', '1', 'build'],
    ['GREETING', 'hello', 'run'],
    ['TOKEN', null, 'run'],
  ])
  const source = await it.get(`/apps/${name}/source`)
  assert.deepEqual([source.repository.url, source.folder], ['https://git.example.com/a.git', 'api'])
  const scales = await it.get(`/apps/${name}/scale`)
  assert.equal(scales.find((one: { process: string }) => one.process === 'web').count, 3)
})

test('without variables, nothing secret comes into another team', async () => {
  const from = await it.api.app()
  await it.ask('PATCH', `/apps/${from.name}/source`, { body: { url: 'https://git.example.com/a.git' } })
  await it.api.store.write([], async (tx) => {
    await tx.updateTable('apps').set({ metadata: 'sealed' }).where('id', '=', from.id).execute()
    await tx.updateTable('sources').set({ secret: 'sealed' }).where('app_id', '=', from.id).execute()
    const key = { app_id: from.id, public_key: 'p', private_key: 'sealed' }
    await tx.insertInto('deploy_keys').values(key).execute()
  })
  const copiedTo = (team: string, which: 'all variables' | 'no variables') =>
    it.api.store.write([], async (tx) => {
      const one = (id: string) => tx.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      const owner = await tx.selectFrom('teams').select('id').where('name', '=', team).executeTakeFirstOrThrow()
      const { id } = await createApp(tx, appName(it.api.next('clone')), owner.id)
      await copyConfiguration(tx, await one(from.id), await one(id), which)
      const source = await tx.selectFrom('sources').selectAll().where('app_id', '=', id).executeTakeFirstOrThrow()
      const keys = await tx.selectFrom('deploy_keys').selectAll().where('app_id', '=', id).execute()
      return [source.url, source.secret, keys.length, (await one(id)).metadata]
    })
  const url = 'https://git.example.com/a.git'
  assert.deepEqual(await copiedTo('beta', 'no variables'), [url, null, 0, null])
  assert.deepEqual(await copiedTo('beta', 'all variables'), [url, 'sealed', 1, 'sealed'])
  assert.deepEqual(await copiedTo('alpha', 'no variables'), [url, 'sealed', 1, 'sealed'])
})

test('a clone without variables, and one of an app that has nothing deployed', async () => {
  const from = await it.api.app()
  const bare = it.api.next('clone')
  await post(`/apps/${from.name}/clones`, { name: bare, env: false })
  assert.deepEqual(await it.get(`/apps/${bare}/env`), [])
  const empty = it.api.next('empty')
  await post('/apps', { name: empty, team: 'alpha' })
  const { operation } = (await post(`/apps/${empty}/clones`, { name: it.api.next('clone') })).json
  assert.equal(operation, null)
  assert.equal(await it.codeOf(post(`/apps/${from.name}/clones`, { name: from.name })), 'NAME_TAKEN')
  assert.equal(
    await it.codeOf(post(`/apps/${from.name}/clones`, { name: it.api.next('c'), team: 'beta' })),
    'NOT_FOUND',
  )
})
