import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { startApi, type TestApi } from '../../test/harness/api.ts'
import { connectDirect } from '../client/direct.ts'
import { output } from '../lib/exec.ts'
import { sendFile, sendStream } from './send.ts'

let api: TestApi
let dir: string
before(async () => {
  api = await startApi()
  dir = await mkdtemp(join(tmpdir(), 'berth-send-test-'))
})
after(async () => {
  await rm(dir, { recursive: true, force: true })
  await api[Symbol.asyncDispose]()
})

/** A way to the server on which connections break after so many bytes, so many times. */
async function brittle(bytes: number, times: number) {
  let left = times
  let connections = 0
  const server = createServer((client) => {
    connections += 1
    const upstream = connect(Number(new URL(api.url).port), '127.0.0.1')
    let sent = 0
    client.on('data', (chunk) => {
      sent += chunk.length
      if (sent <= bytes || left === 0) return void upstream.write(chunk)
      left -= 1
      client.destroy()
      upstream.destroy()
    })
    upstream.pipe(client)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('close', () => upstream.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    [Symbol.dispose]: () => void server.close(),
  }
}

test('a large upload goes on after every break, and arrives whole', async () => {
  await writeFile(join(dir, 'noise'), randomBytes(70_000_000))
  const path = join(dir, 'large.tar')
  await output(['tar', '-C', dir, '-cf', path, 'noise'])
  using way = await brittle(25_000_000, 3)
  const { name } = await api.app()
  const client = connectDirect({ url: way.url, token: await api.token('member') })
  const operation = await sendFile({ client, app: name, type: 'tar', message: 'large' }, path)
  assert.equal(operation.about, 'upload large')
  const kept = join(api.ctx.settings.buildsDir, operation.id, 'source.tar')
  assert.equal((await stat(kept)).size, (await stat(path)).size)
  assert.equal(await output(['cmp', kept, path]), '')
})

test('a stream that is small is one request', async () => {
  const tar = join(dir, 'small.tar')
  await writeFile(join(dir, 'index.html'), 'hello')
  await output(['tar', '-C', dir, '-cf', tar, 'index.html'])
  const bytes = await readFile(tar)
  using way = await brittle(Number.POSITIVE_INFINITY, 0)
  const { name } = await api.app()
  const client = connectDirect({ url: way.url, token: await api.token('member') })
  const operation = await sendStream(
    { client, app: name, type: 'tar' },
    Readable.from([bytes.subarray(0, 700), bytes.subarray(700)]),
  )
  assert.equal(operation.about, 'upload uploaded')
  assert.equal(way.connections(), 1)
})
