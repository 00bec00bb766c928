import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { startApi, type TestApi } from '../../../test/harness/api.ts'
import { deliveriesOf } from '../../../test/harness/deliveries.ts'
import { basePath } from '../../contract/endpoint.ts'
import { type HookProvider, hookProviders } from '../../model/hook.ts'
import { allowedAddresses } from '../sources/addresses.ts'
import { endOperation } from '../store/operations.ts'
import { trustedApiUrl } from './apiUrl.ts'
import { commitReports } from './reports.ts'

type Seen = {
  readonly request: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, string>
}

let api: TestApi
const seen: Seen[] = []
const forgetSeen = () => seen.splice(0)
let status = 201
const server = createServer(async (request, response) => {
  const body = JSON.parse(await text(request)) as Record<string, string>
  seen.push({ request: `${request.method} ${request.url}`, headers: request.headers, body })
  response.writeHead(status).end('{}')
})
before(async () => {
  api = await startApi()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(async () => {
  server.close()
  server.closeAllConnections()
  await api[Symbol.asyncDispose]()
})

const signal = new AbortController().signal
const commit = 'a'.repeat(40)

const passes = (allowed: string) =>
  commitReports({ store: api.store, allowed: allowedAddresses(allowed), urlOf: (app) => `http://${app}.test` }).pass(
    signal,
  )

/** A deploy by a hook of that provider, whose API is the server here. */
async function deployed(provider: HookProvider) {
  const token = await api.token('member')
  const { name, id } = await api.app()
  const url = `https://git.example.com/${name}/x.git`
  await api.ask('PATCH', `${basePath}/apps/${name}/source`, { token, body: { url, ref: 'main' } })
  const body = { provider, token: 'provider-token', apiUrl: 'https://api.example.com' }
  const hook = (await api.ask('POST', `${basePath}/apps/${name}/hooks`, { token, body })).json
  const api_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await api.store.write([], (tx) => tx.updateTable('hooks').set({ api_url }).where('id', '=', hook.id).execute())
  const sent = deliveriesOf[provider]({ url }, hook.secret)
  await api.ask('POST', `${basePath}/hooks/${hook.id}`, { raw: sent.body, headers: sent.headers })
  const [operation] = (await api.ask('GET', `${basePath}/apps/${name}/operations`, { token })).json
  const end = (state: 'succeeded' | 'failed') =>
    api.store.write('operations', (tx) =>
      endOperation(
        tx,
        operation.id,
        state,
        state === 'failed' ? { code: 'BUILD_FAILED', message: 'it broke' } : undefined,
      ),
    )
  return { name, id, end }
}

/** As each provider's document has it. */
const wanted: Readonly<
  Record<HookProvider, (app: string) => { request: string; header: [string, string]; begun: object; ended: object }>
> = {
  github: (app) => ({
    request: `POST /repos/ada/blog/statuses/${commit}`,
    header: ['authorization', 'Bearer provider-token'],
    begun: {
      state: 'pending',
      context: `berth/${app}`,
      target_url: `http://${app}.test`,
      description: 'the deploy is under way',
    },
    ended: { state: 'failure', context: `berth/${app}`, target_url: `http://${app}.test`, description: 'it broke' },
  }),
  gitlab: (app) => ({
    request: `POST /api/v4/projects/ada%2Fblog/statuses/${commit}`,
    header: ['private-token', 'provider-token'],
    begun: {
      state: 'running',
      name: `berth/${app}`,
      target_url: `http://${app}.test`,
      description: 'the deploy is under way',
    },
    ended: { state: 'failed', name: `berth/${app}`, target_url: `http://${app}.test`, description: 'it broke' },
  }),
  gitea: (app) => ({
    request: `POST /api/v1/repos/ada/blog/statuses/${commit}`,
    header: ['authorization', 'token provider-token'],
    begun: {
      state: 'pending',
      context: `berth/${app}`,
      target_url: `http://${app}.test`,
      description: 'the deploy is under way',
    },
    ended: { state: 'failure', context: `berth/${app}`, target_url: `http://${app}.test`, description: 'it broke' },
  }),
  bitbucket: (app) => ({
    request: `POST /repositories/ada/blog/commit/${commit}/statuses/build`,
    header: ['authorization', 'Bearer provider-token'],
    begun: {
      key: `berth/${app}`,
      state: 'INPROGRESS',
      name: `berth/${app}`,
      url: `http://${app}.test`,
      description: 'the deploy is under way',
    },
    ended: {
      key: `berth/${app}`,
      state: 'FAILED',
      name: `berth/${app}`,
      url: `http://${app}.test`,
      description: 'it broke',
    },
  }),
}

for (const provider of hookProviders) {
  test(`${provider} is told when a deploy begins and how it ends, once each`, async () => {
    const { name, end } = await deployed(provider)
    forgetSeen()
    await passes('127.0.0.1')
    await passes('127.0.0.1')
    await end('failed')
    await passes('127.0.0.1')
    await passes('127.0.0.1')
    const { request, header, begun, ended } = wanted[provider](name)
    assert.deepEqual(
      seen.map((one) => one.request),
      [request, request],
    )
    assert.deepEqual(
      seen.map(({ body }) => body),
      [begun, ended],
    )
    assert.equal(seen[0]?.headers[header[0]], header[1])
    assert.equal(seen[0]?.headers['user-agent'], 'berth')
  })
}

test('a token goes where it went when the hook was made, whatever the source has become', async () => {
  const token = await api.token('member')
  const { name } = await api.app()
  const source = (url: string) => api.ask('PATCH', `${basePath}/apps/${name}/source`, { token, body: { url } })
  await source('https://git.example.com/ada/blog.git')
  const create = (body: object) => api.ask('POST', `${basePath}/apps/${name}/hooks`, { token, body })
  const { id } = (await create({ provider: 'gitea', token: 'provider-token' })).json
  await source('https://evil.example.com/x.git')
  const row = await api.store.read((tx) =>
    tx.selectFrom('hooks').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  )
  assert.equal(row.api_url, 'https://git.example.com')
  assert.equal((await create({ provider: 'gitea', apiUrl: 'http://git.example.com' })).status, 400)
  assert.equal(trustedApiUrl(row.api_url, 'gitea', 'https://evil.example.com/x.git'), 'https://git.example.com')
  assert.equal(trustedApiUrl(null, 'gitea', 'https://evil.example.com/x.git'), undefined)
  assert.equal(trustedApiUrl(null, 'github', 'https://evil.example.com/x.git'), undefined)
  assert.equal(trustedApiUrl(null, 'github', 'https://github.com/ada/blog'), 'https://api.github.com')
})

test('what is not taken is tried again later; addresses inside are not told anything', async () => {
  const { end } = await deployed('github')
  await end('succeeded')
  forgetSeen()
  await passes('')
  assert.equal(seen.length, 0)
  const due = () => api.store.write([], (tx) => tx.updateTable('commit_reports').set({ next_at: '2000' }).execute())
  await due()
  status = 500
  await passes('127.0.0.1')
  status = 201
  await passes('127.0.0.1')
  assert.equal(seen.length, 1, 'not before its time')
  await due()
  await passes('127.0.0.1')
  assert.deepEqual(
    seen.map(({ body }) => body.state),
    ['success', 'success'],
  )
})
