import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiAs } from '../../../test/harness/api.ts'
import { deliveriesOf, type Sent } from '../../../test/harness/deliveries.ts'
import { pullsOf, type Requested } from '../../../test/harness/pulls.ts'
import { basePath } from '../../contract/endpoint.ts'
import { hookProviders } from '../../model/hook.ts'
import { previews } from '../reconcile/previews.ts'
import { inputOf } from '../store/operations.ts'

let it: Awaited<ReturnType<typeof apiAs>>
let admin: string
before(async () => {
  it = await apiAs('member')
  admin = await it.api.token('admin')
})
after(() => it.stop())

let count = 0
const freshUrl = () => `https://git.example.com/ada/blog${count++}.git`
const commit = (letter: string) => letter.repeat(40)

type Rules = Readonly<Record<string, unknown>>

/** An app of a repository that has previews. */
async function previewed(rules: Rules, provider: (typeof hookProviders)[number] = 'github') {
  const { name: app, id } = await it.api.app()
  const url = freshUrl()
  await it.ask('PATCH', `/apps/${app}/source`, { body: { url, ref: 'main' } })
  const set = await it.ask('PATCH', `/apps/${app}/preview-rules`, { body: rules })
  assert.equal(set.status, 200, set.text)
  const hook = (await it.ask('POST', `/apps/${app}/hooks`, { body: { provider } })).json
  const send = async ({ headers, body }: Sent) =>
    (await it.api.ask('POST', `${basePath}/hooks/${hook.id}`, { raw: body, headers })).json
  return {
    app,
    id,
    url,
    pull: (more: Omit<Requested, 'url'> = {}) => send(pullsOf[provider]({ url, ...more }, hook.secret)),
    push: (branch: string, after = commit('c')) =>
      send(deliveriesOf[provider]({ url, ref: `refs/heads/${branch}`, after, id: it.api.next('d') }, hook.secret)),
    list: () => it.get(`/apps/${app}/previews`),
    path: (preview: string) => `/apps/${app}/previews/${preview}`,
    approve: (preview: string, body: object = {}) =>
      it.ask('POST', `/apps/${app}/previews/${preview}/approval`, { token: admin, body }),
  }
}

const operations = (app: string) =>
  it.api.store.read(async (tx) => {
    const rows = await tx.selectFrom('operations').selectAll().where('app', '=', app).orderBy('seq', 'desc').execute()
    return rows.map(inputOf)
  })

for (const provider of hookProviders) {
  describe(provider, () => {
    test('a pull request gets a preview, each new commit deploys it, and its end destroys it', async () => {
      const at = await previewed({ pulls: true }, provider)
      const opened = await at.pull()
      assert.equal(opened.outcome, 'deployed', opened.reason)
      const [preview] = await at.list()
      const name = `${at.app}-pr-7`
      assert.deepEqual([preview.name, preview.state, preview.fork], [name, 'deploying', null])
      assert.equal(preview.url, `http://${name}.test.localhost:8080`)
      await at.pull({ act: 'again', commit: commit('b') })
      const [newest, ...older] = await operations(name)
      assert.ok(newest?.kind === 'deploy' && newest.source.kind === 'repository')
      const ref = provider === 'bitbucket' ? 'new-menu' : commit('b')
      assert.deepEqual([newest.source.url, newest.source.ref, older.length], [at.url, ref, 1])
      const closed = await at.pull({ act: 'close' })
      assert.deepEqual([closed.outcome, (await operations(name))[0]?.kind], ['removed', 'destroy'])
    })

    test('one from another repository is not built, and the log says why', async () => {
      const at = await previewed({ pulls: true, secrets: true }, provider)
      const opened = await at.pull({ fork: 'eve/blog' })
      assert.deepEqual(await operations(`${at.app}-pr-7`), [])
      assert.equal((await it.api.ask('GET', `${basePath}/apps/${at.app}-pr-7`, { token: admin })).status, 404)
      if (provider === 'bitbucket') assert.match(opened.reason, /does not say which commit of eve\/blog/)
      else {
        assert.equal(opened.outcome, 'waits')
        assert.match(opened.reason, /is from eve\/blog, and is not built until an admin .* berth preview approve/)
      }
    })
  })
}

test('an approval is for what was looked at: a later commit waits again, and secrets stay out', async () => {
  const at = await previewed({ pulls: true, secrets: true })
  await it.ask('PATCH', `/apps/${at.app}/env?release=false`, { body: { set: { KEY: { value: 'x', secret: true } } } })
  const name = `${at.app}-pr-7`
  await at.pull({ fork: 'eve/blog' })
  assert.equal((await it.ask('POST', `${at.path(name)}/approval`, { body: {} })).status, 403)
  assert.equal(await it.codeOf(at.approve(name, { commit: commit('f') })), 'STATE')
  const { preview, operation } = (await at.approve(name, { commit: commit('a') })).json
  assert.deepEqual(
    [preview.state, preview.approvedBy, preview.secrets, operation.app],
    ['deploying', 'ada', false, name],
  )
  const env = await it.get(`/apps/${name}/env`)
  assert.deepEqual(
    env.map((one: { name: string }) => one.name),
    ['GREETING'],
  )
  const next = await at.pull({ fork: 'eve/blog', act: 'again', commit: commit('b') })
  assert.deepEqual([next.outcome, (await at.list())[0].state, (await operations(name)).length], ['waits', 'waiting', 1])
  await at.approve(name, { all: true })
  const later = await at.pull({ fork: 'eve/blog', act: 'again', commit: commit('d') })
  assert.deepEqual([later.outcome, (await operations(name)).length], ['deployed', 3])
})

test('secrets go along where the rules or the approval say so', async () => {
  const secret = { set: { KEY: { value: 'x', secret: true } } }
  const names = async (app: string) => (await it.get(`/apps/${app}/env`)).map((one: { name: string }) => one.name)
  for (const secrets of [true, false]) {
    const at = await previewed({ pulls: true, secrets })
    await it.ask('PATCH', `/apps/${at.app}/env?release=false`, { body: secret })
    await at.pull()
    assert.deepEqual(await names(`${at.app}-pr-7`), secrets ? ['GREETING', 'KEY'] : ['GREETING'])
  }
  const at = await previewed({ pulls: true })
  await it.ask('PATCH', `/apps/${at.app}/env?release=false`, { body: secret })
  await at.pull({ fork: 'eve/blog' })
  await at.approve(`${at.app}-pr-7`, { secrets: true })
  assert.deepEqual(await names(`${at.app}-pr-7`), ['GREETING', 'KEY'])
})

test('pushed branches get previews as the rules say; a pull request takes over that of its branch', async () => {
  const at = await previewed({ branches: ['feature/*'], pulls: true })
  assert.match((await at.push('dev')).reason, /branch dev; it follows main/)
  const { outcome, reason } = await at.push('feature/menu')
  assert.deepEqual([outcome, reason.includes(`preview ${at.app}-feature-menu`)], ['deployed', true])
  await at.pull({ branch: 'feature/menu' })
  const [only, ...others] = await at.list()
  assert.deepEqual([only.name, only.pull, others.length], [`${at.app}-feature-menu`, 7, 0])
  assert.match((await at.push('feature/menu', commit('e'))).reason, /is that of pull request 7/)
  assert.equal((await at.pull({ branch: 'feature/menu', act: 'close' })).outcome, 'removed')
})

test('a deleted branch takes its preview along, and the branch that deploys never has one', async () => {
  const at = await previewed({ branches: ['*'] })
  assert.equal((await at.push('dev')).outcome, 'deployed')
  assert.equal((await at.push('dev', commit('0'))).outcome, 'removed')
  await at.push('main')
  assert.equal((await at.list()).length, 1)
})

test('there are no previews unless somebody says so, no more than that, and none of previews', async () => {
  const off = await previewed({})
  assert.match((await off.pull()).reason, /no previews of pull requests \(berth preview set --pulls yes\)/)
  const at = await previewed({ pulls: true, most: 1 })
  await at.pull()
  const second = await at.pull({ number: 8, branch: 'other' })
  assert.match(second.reason, /the number of previews of .* is larger than the limit of 1/)
  assert.equal((await at.list()).length, 1)
  const name = `${at.app}-pr-7`
  assert.equal(await it.codeOf(it.ask('PATCH', `/apps/${name}/preview-rules`, { body: { pulls: true } })), 'STATE')
  assert.equal(await it.codeOf(it.ask('POST', `/apps/${name}/previews`, { body: { branch: 'x' } })), 'STATE')
})

test('one is made by hand too, of the source or of what was pushed', async () => {
  const at = await previewed({})
  const made = (await it.ask('POST', `/apps/${at.app}/previews`, { body: { branch: 'dev', idleSeconds: null } })).json
  assert.deepEqual([made.preview.name, made.preview.expiresAt], [`${at.app}-dev`, null])
  const [input] = await operations(`${at.app}-dev`)
  assert.ok(input?.kind === 'deploy' && input.source.kind === 'repository')
  assert.equal(input.source.ref, 'dev')
  const pushed = await it.api.app()
  await it.ask('POST', `/apps/${pushed.name}/previews`, { body: { branch: 'dev' } })
  const [other] = await operations(`${pushed.name}-dev`)
  assert.deepEqual(other?.kind === 'deploy' && other.source, { kind: 'branch', app: pushed.name, ref: 'dev' })
  assert.equal((await it.ask('DELETE', at.path(`${at.app}-dev`))).json.operation.kind, 'destroy')
})

test('a preview goes when its time is over, and with its app', async () => {
  const reconciler = previews(it.api.store)
  const pass = () => reconciler.pass(new AbortController().signal)
  const kinds = async (app: string) => (await operations(app)).map(({ kind }) => kind)
  const at = await previewed({ pulls: true, idleSeconds: 3600 })
  await at.pull()
  const name = `${at.app}-pr-7`
  await pass()
  assert.deepEqual(await kinds(name), ['deploy'])
  const used_at = new Date(Date.now() - 3_700_000).toISOString()
  await it.api.store.write([], (tx) => tx.updateTable('previews').set({ used_at }).where('name', '=', name).execute())
  await pass()
  await pass()
  assert.deepEqual(await kinds(name), ['destroy', 'deploy'])

  const gone = await previewed({ pulls: true })
  await gone.pull()
  await it.api.store.write('apps', (tx) => tx.deleteFrom('apps').where('id', '=', gone.id).execute())
  await pass()
  assert.deepEqual(await kinds(`${gone.app}-pr-7`), ['destroy', 'deploy'])
})

test('a preview is small, whatever its app is', async () => {
  const at = await previewed({ pulls: true })
  await it.api.store.write([], (tx) =>
    tx.insertInto('scales').values({ app_id: at.id, process: 'web', count: 9, memory_mb: 64, cpu: 1 }).execute(),
  )
  await at.pull()
  const scales = await it.get(`/apps/${at.app}-pr-7/scale`)
  assert.deepEqual(scales[0].count, 1)
})
