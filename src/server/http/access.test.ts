import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { password, type Role, roles, startApi, type TestApi, tinyTar } from '../../../test/harness/api.ts'
import { basePath, type Endpoint } from '../../contract/endpoint.ts'
import { type EndpointName, endpoints } from '../../contract/endpoints.ts'
import { label } from '../../model/names.ts'
import { addHook } from '../store/hooks.ts'
import { addKey } from '../store/keys.ts'
import { openPreview } from '../store/openPreview.ts'
import { createPipeline, stageApp } from '../store/pipelines.ts'
import { putRegistry } from '../store/registries.ts'
import { tokensOf } from '../store/tokens.ts'
import { addUpload } from '../store/uploads.ts'
import { makeUploadFile } from './uploadFile.ts'

/** Who may, in words; each names the statuses of the roles that may not. */
const refused = {
  everybody: {},
  'who is signed in': {},
  'who can sign': { stranger: 401, member: 401, admin: 401, operator: 401 },
  'members of the team': { stranger: 404 },
  'admins of the team': { stranger: 404, member: 403 },
  'operators, of a team that is seen': { stranger: 404, member: 403, admin: 403 },
  operators: { stranger: 403, member: 403, admin: 403 },
} as const satisfies Record<string, Partial<Record<Role, number>>>

type Things = {
  readonly app: string
  readonly operation: string
  readonly name: string
  readonly key: string
  readonly tokenId: string
  readonly hook: string
  readonly upload: string
  readonly registry: string
  /** Another app of the team, in a pipeline. */
  readonly other: string
  readonly pipeline: string
  readonly upgrade: string
  /** From another repository, waiting. */
  readonly preview: string
}
type Row = readonly [who: keyof typeof refused, path: (things: Things) => string, body?: (things: Things) => unknown]

const ofApp = (rest: string) => (things: Things) => `/apps/${things.app}${rest}`
const ofPipeline = (rest: string) => (things: Things) => `/pipelines/${things.pipeline}${rest}`
const always = (path: string) => () => path
const registry = { server: 'ghcr.io', username: 'ada', password: 'word' }
const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMTKPNsUSQvn2bWsG2xYmDS2IE6khnPxyhZCvZtpS5ow'

/** The whole API; an endpoint without a row fails. */
const table: Readonly<Record<EndpointName, Row>> = {
  health: ['everybody', always('/health')],
  login: ['everybody', always('/sessions'), () => ({ name: 'max', password })],
  logout: ['who is signed in', always('/sessions')],
  whoami: ['who is signed in', always('/whoami')],
  changePassword: ['who is signed in', always('/whoami/password'), () => ({ current: password, next: password })],
  listApps: ['who is signed in', always('/apps')],
  createApp: ['members of the team', always('/apps'), ({ name }) => ({ name, team: 'alpha' })],
  showApp: ['members of the team', ofApp('')],
  destroyApp: ['admins of the team', ofApp(''), ({ app }) => ({ confirm: app })],
  cloneApp: ['members of the team', ofApp('/clones'), ({ name }) => ({ name })],
  showPromotion: ['members of the team', ({ app, other }) => `/apps/${app}/promotion?to=${other}`],
  promote: ['members of the team', ofApp('/promotions'), ({ other }) => ({ to: other })],
  listPipelines: ['who is signed in', always('/pipelines')],
  createPipeline: ['members of the team', always('/pipelines'), ({ name }) => ({ name, team: 'alpha' })],
  showPipeline: ['members of the team', ofPipeline('')],
  removePipeline: ['members of the team', ofPipeline('')],
  addToPipeline: ['members of the team', ofPipeline('/apps'), ({ app }) => ({ app, stage: 'staging' })],
  removeFromPipeline: ['members of the team', ({ pipeline, other }) => `/pipelines/${pipeline}/apps/${other}`],
  listPreviews: ['members of the team', ofApp('/previews')],
  createPreview: ['members of the team', ofApp('/previews'), () => ({ branch: 'dev' })],
  showPreview: ['members of the team', ({ app, preview }) => `/apps/${app}/previews/${preview}`],
  removePreview: ['members of the team', ({ app, preview }) => `/apps/${app}/previews/${preview}`],
  approvePreview: ['admins of the team', ({ app, preview }) => `/apps/${app}/previews/${preview}/approval`, () => ({})],
  showPreviewRules: ['members of the team', ofApp('/preview-rules')],
  setPreviewRules: ['members of the team', ofApp('/preview-rules'), () => ({ pulls: true })],
  deploy: ['members of the team', ofApp('/deploys')],
  showSource: ['members of the team', ofApp('/source')],
  setSource: ['members of the team', ofApp('/source'), () => ({ url: 'https://example.com/x' })],
  removeSource: ['members of the team', ofApp('/source')],
  deploySource: ['members of the team', ofApp('/source/deploys'), () => ({})],
  deployImage: ['members of the team', ofApp('/deploys/image'), () => ({ image: 'nginx' })],
  deployImageFile: ['members of the team', ofApp('/deploys/image-file')],
  createUpload: ['members of the team', ofApp('/uploads'), () => ({ size: 1, type: 'tar' })],
  showUpload: ['members of the team', ({ app, upload }) => `/apps/${app}/uploads/${upload}`],
  continueUpload: ['members of the team', ({ app, upload }) => `/apps/${app}/uploads/${upload}?offset=0`],
  deployUpload: ['members of the team', ({ app, upload }) => `/apps/${app}/uploads/${upload}/deploys`, () => ({})],
  listRegistries: ['members of the team', always('/teams/alpha/registries')],
  addRegistry: ['admins of the team', always('/teams/alpha/registries'), () => registry],
  removeRegistry: ['admins of the team', ({ registry }) => `/teams/alpha/registries/${registry}`],
  listHooks: ['members of the team', ofApp('/hooks')],
  createHook: ['members of the team', ofApp('/hooks'), () => ({ provider: 'github' })],
  removeHook: ['members of the team', ({ app, hook }) => `/apps/${app}/hooks/${hook}`],
  listDeliveries: ['members of the team', ({ app, hook }) => `/apps/${app}/hooks/${hook}/deliveries`],
  receiveHook: ['who can sign', ({ hook }) => `/hooks/${hook}`],
  showMetadata: ['members of the team', ofApp('/metadata')],
  setMetadata: ['members of the team', ofApp('/metadata'), () => ({ text: null })],
  deployMetadata: ['members of the team', ofApp('/metadata/deploys'), () => ({})],
  listBuilds: ['members of the team', ofApp('/builds')],
  showBuild: ['members of the team', ofApp('/builds/1')],
  cancelBuild: ['members of the team', ofApp('/builds/1/cancel')],
  retryBuild: ['members of the team', ofApp('/builds/2/retry')],
  pinBuild: ['members of the team', ofApp('/builds/1/pin'), () => ({ pinned: true })],
  deleteBuild: ['members of the team', ofApp('/builds/1')],
  downloadBuild: ['members of the team', ofApp('/builds/1/image')],
  createRelease: ['members of the team', ofApp('/releases'), () => ({ build: 1 })],
  listReleases: ['members of the team', ofApp('/releases')],
  showRelease: ['members of the team', ofApp('/releases/1')],
  rollback: ['members of the team', ofApp('/rollback'), () => ({})],
  restart: ['members of the team', ofApp('/restart'), () => ({})],
  listEnv: ['members of the team', ofApp('/env?values=true')],
  changeEnv: ['members of the team', ofApp('/env'), () => ({ set: { A: { value: '1' } } })],
  showScale: ['members of the team', ofApp('/scale')],
  changeScale: ['members of the team', ofApp('/scale'), () => ({ web: { count: 2 } })],
  listInstances: ['members of the team', ofApp('/instances')],
  appLogs: ['members of the team', ofApp('/logs')],
  createRun: ['members of the team', ofApp('/runs'), () => ({ command: ['true'] })],
  attachRun: ['members of the team', ofApp('/runs/attach')],
  listDomains: ['members of the team', ofApp('/domains')],
  addDomain: ['members of the team', ofApp('/domains'), ({ name }) => ({ name: `${name}.example.org` })],
  removeDomain: ['members of the team', (things) => `/apps/${things.app}/domains/${things.app}.example.com`],
  listAppOperations: ['members of the team', ofApp('/operations')],
  listOperations: ['who is signed in', always('/operations')],
  showOperation: ['members of the team', ({ operation }) => `/operations/${operation}`],
  operationLog: ['members of the team', ({ operation }) => `/operations/${operation}/log?follow=true`],
  cancelOperation: ['members of the team', ({ operation }) => `/operations/${operation}/cancel`],
  listKeys: ['who is signed in', always('/keys')],
  addKey: ['who is signed in', always('/keys'), ({ name }) => ({ name, key: sshKey })],
  removeKey: ['who is signed in', ({ key }) => `/keys/${key}`],
  listTokens: ['who is signed in', always('/tokens')],
  createToken: ['who is signed in', always('/tokens'), ({ name }) => ({ name })],
  removeToken: ['who is signed in', ({ tokenId }) => `/tokens/${tokenId}`],
  listTeams: ['who is signed in', always('/teams')],
  createTeam: ['operators', always('/teams'), ({ name }) => ({ name })],
  listMembers: ['members of the team', always('/teams/alpha/members')],
  showTeamLimits: ['members of the team', always('/teams/alpha/limits')],
  changeTeamLimits: ['operators, of a team that is seen', always('/teams/alpha/limits'), () => ({ builds: 1 })],
  setMember: ['admins of the team', always('/teams/alpha/members'), () => ({ user: 'max', role: 'member' })],
  removeMember: ['admins of the team', always('/teams/alpha/members/zoe')],
  listTeamEvents: ['admins of the team', always('/teams/alpha/events')],
  listUsers: ['operators', always('/users')],
  createUser: ['operators', always('/users'), ({ name }) => ({ name })],
  changeUser: ['operators', always('/users/zoe'), () => ({ disabled: false })],
  listEvents: ['operators', always('/events')],
  platformStatus: ['operators', always('/status')],
  packageStorage: ['operators', always('/status/packages')],
  listRuntimes: ['who is signed in', always('/runtimes')],
  showRuntime: ['who is signed in', always('/runtimes/node')],
  listStacks: ['who is signed in', always('/stacks')],
  showStack: ['who is signed in', always('/stacks/bookworm')],
  buildStack: ['operators', always('/stacks/bookworm/builds')],
  stackLog: ['operators', always('/stacks/bookworm/log')],
  showAppStack: ['members of the team', ofApp('/stack')],
  setAppStack: ['members of the team', ofApp('/stack'), () => ({ stack: 'bookworm' })],
  createUpgrade: ['operators', always('/upgrades'), () => ({})],
  listUpgrades: ['operators', always('/upgrades')],
  showUpgrade: ['operators', ({ upgrade }) => `/upgrades/${upgrade}`],
  cancelUpgrade: ['operators', ({ upgrade }) => `/upgrades/${upgrade}/cancel`],
}

let api: TestApi
before(async () => {
  api = await startApi()
})
after(() => api[Symbol.asyncDispose]())

for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
  const [who] = table[name]
  for (const role of roles) {
    const expected = (refused[who] as Partial<Record<Role, number>>)[role] ?? 'let in'
    test(`${name} by a ${role}: ${expected}`, async () => {
      const token = await api.token(role)
      assert.equal(verdict(await call(name, endpoint, role, token)), expected)
    })
  }
  for (const [kind, token] of [
    ['no token', async () => undefined],
    ['a bad token', async () => `berth_${'x'.repeat(40)}`],
    ['an expired token', () => api.token('operator', new Date(Date.now() - 1_000).toISOString())],
  ] as const) {
    const expected = who === 'everybody' ? 'let in' : 401
    test(`${name} with ${kind}: ${expected}`, async () => {
      assert.equal(verdict(await call(name, endpoint, 'member', await token())), expected)
    })
  }
}

test('a token of a disabled user is worth nothing', async () => {
  const token = await api.token('operator')
  const zoe = await api.ask('POST', `${basePath}/users`, { token, body: { name: 'Zed', team: 'alpha' } })
  const login = await api.ask('POST', `${basePath}/sessions`, { body: { name: 'Zed', password: zoe.json.password } })
  assert.equal((await api.ask('GET', `${basePath}/whoami`, { token: login.json.token })).status, 200)
  await api.ask('PATCH', `${basePath}/users/Zed`, { token, body: { disabled: true } })
  assert.equal((await api.ask('GET', `${basePath}/whoami`, { token: login.json.token })).status, 401)
  const again = await api.ask('POST', `${basePath}/sessions`, { body: { name: 'Zed', password: zoe.json.password } })
  assert.equal(again.status, 401)
})

test('lists hold only what their reader may see', async () => {
  const { name } = await api.app()
  const seen = async (role: Role, path: string) => (await api.ask('GET', path, { token: await api.token(role) })).text
  for (const path of [`${basePath}/apps`, `${basePath}/operations`]) {
    assert.ok((await seen('member', path)).includes(`"${name}"`), path)
    assert.ok((await seen('operator', path)).includes(`"${name}"`), path)
    assert.ok(!(await seen('stranger', path)).includes(`"${name}"`), path)
  }
  assert.deepEqual(
    JSON.parse(await seen('stranger', `${basePath}/teams`)).map(({ name }: { name: string }) => name),
    ['beta'],
  )
})

for (const role of roles) {
  const expected = role === 'stranger' ? 404 : 101
  test(`upgrade to an attached run by a ${role}: ${expected}`, async () => {
    assert.equal(await upgrade({ authorization: `Bearer ${await api.token(role)}` }), expected)
  })
}

test('upgrade without a token: 401', async () => assert.equal(await upgrade({}), 401))

test('upgrade with an expired token: 401', async () => {
  const token = await api.token('member', new Date(Date.now() - 1_000).toISOString())
  assert.equal(await upgrade({ authorization: `Bearer ${token}` }), 401)
})

test('upgrade from a page of another origin: 403', async () => {
  const authorization = `Bearer ${await api.token('member')}`
  assert.equal(await upgrade({ authorization, origin: 'http://evil.example' }), 403)
  assert.equal(await upgrade({ authorization, origin: 'null' }), 403)
  assert.equal(await upgrade({ authorization, origin: api.url }), 101)
})

async function upgrade(headers: Record<string, string>): Promise<number> {
  const { name } = await api.app()
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}${basePath}/apps/${name}/runs/attach`, { headers })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  socket.on('open', () => resolve(101))
  socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
  socket.on('error', reject)
  return await promise.finally(() => socket.terminate())
}

const verdict = (status: number) => ([401, 403, 404].includes(status) || status >= 500 ? status : 'let in')

async function call(name: EndpointName, endpoint: Endpoint, role: Role, token: string | undefined): Promise<number> {
  const [, path, body] = table[name]
  const things = await make(name, role, token)
  const upload = { raw: tinyTar(), headers: { 'content-type': 'application/x-tar' } }
  const { status } = await api.ask(endpoint.method, `${basePath}${path(things)}`, {
    ...(token && { token }),
    ...(body && { body: body(things) }),
    ...(endpoint.carries === 'upload' && upload),
  })
  return status
}

/** Fresh things, so that no call is in the way of another. */
async function make(endpoint: EndpointName, role: Role, token: string | undefined): Promise<Things> {
  const { name: app, operation, id: appId } = await api.app()
  const hook = await addHookOf(appId)
  const key = await api.store.write('people', async (tx) => {
    const zoe = await tx.selectFrom('users').select('id').where('name', '=', 'zoe').executeTakeFirst()
    const id = zoe?.id ?? 'zoe'
    const passwordHash = 'scrypt.00.00'
    const row = { id, name: 'zoe', role: 'member', password_hash: passwordHash, disabled: 0, created_at: '' } as const
    if (!zoe) await tx.insertInto('users').values(row).execute()
    const membership = { team_id: api.people.alpha, user_id: id, role: 'member' } as const
    await tx
      .insertInto('members')
      .values(membership)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const fingerprint = api.next('SHA256:')
    return await addKey(tx, api.people[role].id, { name: label('name', 'k'), fingerprint, publicKey: 'ssh-ed25519 x' })
  })
  const [tokenRow] = token ? await api.store.read((tx) => tokensOf(tx, api.people[role].id)) : []
  return {
    app,
    operation,
    name: api.next('new'),
    key: key.id,
    tokenId: tokenRow?.id ?? 'none',
    hook,
    ...(await addMore(appId, role)),
    ...(/pipeline|promot/i.test(endpoint) ? await addPipeline() : { other: '', pipeline: '' }),
    upgrade: /upgrade/i.test(endpoint) ? await addUpgrade() : '',
    preview: /preview/i.test(endpoint) ? await addPreview(app) : '',
  }
}

async function addMore(appId: string, role: Role) {
  const upload = { id: api.next('upload'), app_id: appId, user_id: api.people[role].id, size: 1, type: 'tar' }
  await makeUploadFile(api.ctx.settings, { ...upload, created_at: '' })
  const { id } = await api.store.write([], async (tx) => {
    await addUpload(tx, { ...upload, created_at: '' })
    const kept = { server: api.next('r.example'), username: 'ada', password: 'sealed' }
    return await putRegistry(tx, { team_id: api.people.alpha, app_id: null, ...kept })
  })
  return { upload: upload.id, registry: id }
}

/** One at a time is open. */
async function addUpgrade(): Promise<string> {
  const id = api.next('upgrade')
  const upgrade = { id, stack: null, author: 'admin', cancel_by: null, created_at: '', finished_at: null }
  await api.store.write([], async (tx) => {
    await tx.updateTable('upgrades').set({ state: 'done' }).execute()
    await tx
      .insertInto('upgrades')
      .values({ ...upgrade, state: 'running' })
      .execute()
  })
  return id
}

async function addPipeline() {
  const [other, name] = [await api.app(), api.next('pipeline')]
  const wanted = { name, teamId: api.people.alpha, stages: ['staging', 'production'] }
  await api.store.write([], async (tx) => stageApp(tx, await createPipeline(tx, wanted), 'production', other))
  return { other: other.name, pipeline: name }
}

async function addPreview(name: string): Promise<string> {
  const fork = { branch: 'dev', pull: 7, fork: 'eve/blog', commit: 'b'.repeat(40), message: '', author: 'eve' }
  return await api.store.write([], async (tx) => {
    const app = await tx.selectFrom('apps').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
    return (await openPreview(tx, app, fork)).preview.name
  })
}

async function addHookOf(appId: string): Promise<string> {
  const id = api.next('hook')
  const secret = api.store.cipher.seal('secret')
  const row = { id, app_id: appId, team_id: api.people.alpha, provider: 'github', secret, token: null } as const
  await api.store.write([], (tx) => addHook(tx, { ...row, api_url: null, author: 'max', created_at: '' }))
  return id
}
