import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { startApi, type TestApi, tinyTar } from '../../test/harness/api.ts'
import { createApp, listApps, showApp } from '../contract/apps.ts'
import { deploy } from '../contract/deploys.ts'
import { appLogs } from '../contract/logs.ts'
import { listOperations } from '../contract/operations.ts'
import { Refusal } from '../model/refusal.ts'
import { connect } from './client.ts'

let api: TestApi
before(async () => {
  api = await startApi()
})
after(() => api[Symbol.asyncDispose]())

const member = async () => connect({ url: `${api.url}/`, token: await api.token('member') })

test('calls are typed by the contract, with numbers and flags in queries as they are', async () => {
  const client = await member()
  const app = await client.call(createApp, { body: { name: 'mine' } })
  assert.deepEqual([app.name, app.release], ['mine', null])
  assert.deepEqual(await client.call(listOperations, { query: { limit: 5 } }), [])
})

test('a refusal arrives as the refusal it was', async () => {
  const client = await member()
  const error = await client.call(showApp, { params: { app: 'none' } }).catch((error) => error)
  assert.ok(error instanceof Refusal)
  assert.deepEqual([error.code, error.message], ['NOT_FOUND', 'no app "none" (or you may not see it)'])
})

test('what stands in a value stays that value', async () => {
  const client = await member()
  for (const app of ['../teams', 'a/b', 'a?b=c', 'a#b', '%2e%2e']) {
    const error = await client.call(showApp, { params: { app } }).catch((error) => error)
    assert.equal(error.code, 'INVALID', app)
  }
})

test('an upload is streamed, and lines come one by one', async () => {
  const client = await member()
  const { name } = await api.app()
  async function* bytes() {
    for (const byte of tinyTar().subarray(0, 600)) yield Buffer.of(byte)
    yield tinyTar().subarray(600)
  }
  const upload = { type: 'application/x-tar', bytes: bytes() } as const
  const operation = await client.upload(deploy, { params: { app: name } }, upload)
  assert.equal(operation.kind, 'deploy')
  const at = '2026-01-01T00:00:01.000000000Z'
  const line = {
    app: name,
    process: 'web',
    release: 1,
    instance: 'i1',
    at,
    stream: 'out' as const,
    text: 'hé\u2028llo',
  }
  await api.appLogs.append([line])
  const lines = await Array.fromAsync(client.stream(appLogs, { params: { app: name }, query: { lines: 10 } }))
  assert.deepEqual(lines, [line])
})

test('an upload that is refused early is told why', async () => {
  const stranger = connect({ url: api.url, token: await api.token('stranger') })
  const { name } = await api.app()
  async function* endless() {
    for (let n = 0; n < 2_000; n++) yield Buffer.alloc(16_384)
  }
  const upload = { type: 'application/x-tar', bytes: endless() } as const
  const error = await stranger.upload(deploy, { params: { app: name } }, upload).catch((error) => error)
  assert.equal(error.code, 'NOT_FOUND')
})

const others: Readonly<Record<string, readonly [RequestListener, message: RegExp]>> = {
  'a server of something else': [(_, response) => response.end('<html>'), /speaks another version/],
  'an error page': [(_, response) => response.writeHead(502).end('<html>'), /answered 502 Bad Gateway/],
  'another version': [(_, response) => response.end('[{"name":1}]'), /another version than this client \(0\.name/],
  'a redirect': [(_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /not available/],
  'a cut connection': [(request) => request.socket.destroy(), /not available/],
}

for (const [what, [listener, message]] of Object.entries(others)) {
  test(`${what} is told from Berth`, async () => {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const error = await connect({ url: `http://127.0.0.1:${port}` })
      .call(listApps, {})
      .catch((error) => error)
    server.close()
    server.closeAllConnections()
    assert.ok(error instanceof Refusal && error.code === 'UNAVAILABLE', String(error))
    assert.match(error.message, message)
  })
}

test('a stream that is cut off in the middle says so', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200).write('\n')
    setTimeout(() => response.destroy(), 20)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const lines = connect({ url: `http://127.0.0.1:${port}` }).stream(appLogs, { params: { app: 'x' } })
  await assert.rejects(Array.fromAsync(lines), /the connection was cut/)
  server.close()
})
