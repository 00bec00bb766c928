import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startApi, type TestApi, tinyTar } from '../../../test/harness/api.ts'
import { until } from '../../../test/harness/wait.ts'
import { basePath } from '../../contract/endpoint.ts'
import { output } from '../../lib/exec.ts'

let api: TestApi
let token: string
let dir: string
before(async () => {
  api = await startApi()
  token = await api.token('member')
  dir = await mkdtemp(join(tmpdir(), 'berth-uploads-'))
})
after(async () => {
  await rm(dir, { recursive: true, force: true })
  await api[Symbol.asyncDispose]()
})

const asked = (method: string, path: string, body?: unknown) => api.ask(method, `${basePath}${path}`, { token, body })

async function begun(size: number, type = 'gzip') {
  const { name } = await api.app()
  const { json, status, text } = await asked('POST', `/apps/${name}/uploads`, { size, type })
  assert.equal(status, 200, text)
  const path = `/apps/${name}/uploads/${json.id}`
  const send = (offset: number, bytes: Buffer<ArrayBuffer>) => {
    const headers = { 'content-type': 'application/octet-stream' }
    return api.ask('PATCH', `${basePath}${path}?offset=${offset}`, { token, raw: bytes, headers })
  }
  return { name, id: json.id as string, path, send }
}

const fileOf = (operation: { id: string }, name = 'source.tar') =>
  readFile(join(api.ctx.settings.buildsDir, operation.id, name))

test('an upload in parts deploys what a whole one does', async () => {
  const bytes = gzipSync(tinyTar()) as Buffer<ArrayBuffer>
  const { path, send } = await begun(bytes.length)
  assert.equal((await send(0, bytes.subarray(0, 50))).json.offset, 50)
  assert.equal((await asked('GET', path)).json.offset, 50)
  assert.equal((await asked('POST', `${path}/deploys`, {})).json.error.code, 'STATE')
  assert.match((await send(0, bytes)).json.error.message, /50 bytes have come/)
  assert.equal((await send(50, bytes.subarray(50))).json.offset, bytes.length)
  const operation = await asked('POST', `${path}/deploys`, { message: 'in parts' })
  assert.equal(operation.json.about, 'upload in parts')
  assert.deepEqual(await fileOf(operation.json), tinyTar())
  assert.equal((await asked('GET', path)).status, 404)
  assert.ok(!(await readdir(api.ctx.settings.uploadsDir)).includes(path.split('/').at(-1) ?? ''))
})

test('what came before a break counts', async () => {
  const bytes = randomBytes(300_000)
  const { path } = await begun(bytes.length, 'tar')
  const url = new URL(`${api.url}${basePath}${path}?offset=0`)
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/octet-stream',
    'content-length': bytes.length,
  }
  const sending = request(url, { method: 'PATCH', headers }).on('error', () => undefined)
  sending.write(bytes.subarray(0, 200_000))
  await until('the bytes to come', async () => (await asked('GET', path)).json.offset === 200_000)
  sending.destroy()
  await until('the break to be seen', async () => {
    const rest = bytes.subarray(200_000) as Buffer<ArrayBuffer>
    const raw = { token, raw: rest, headers: { 'content-type': 'application/octet-stream' } }
    return (await api.ask('PATCH', `${basePath}${path}?offset=200000`, raw)).json.offset === bytes.length
  })
})

test('more than was said, or than may be, is refused', async () => {
  const { send } = await begun(10, 'tar')
  assert.equal((await send(0, Buffer.alloc(20))).json.error.code, 'TOO_LARGE')
  const { name } = await api.app()
  assert.equal(
    (await asked('POST', `/apps/${name}/uploads`, { size: 2 ** 40, type: 'tar' })).json.error.code,
    'INVALID',
  )
})

test('an upload is its owner’s alone', async () => {
  const { path } = await begun(10)
  const admin = await api.token('admin')
  assert.equal((await api.ask('GET', `${basePath}${path}`, { token: admin })).status, 404)
})

test('a person has a few of them at most', async () => {
  const owner = await api.token('operator')
  const { name } = await api.app()
  const begin = () =>
    api.ask('POST', `${basePath}/apps/${name}/uploads`, { token: owner, body: { size: 1, type: 'tar' } })
  for (let n = 0; n < 10; n++) assert.equal((await begin()).status, 200)
  assert.equal((await begin()).json.error.code, 'TOO_LARGE')
})

test('a zip file deploys; one that would do harm does not', async () => {
  await writeFile(join(dir, 'index.html'), 'hello')
  await output(['zip', '-q', 'good.zip', 'index.html'], { cwd: dir })
  await output(['ln', '-s', '/etc/passwd', 'link'], { cwd: dir })
  await output(['zip', '-q', '-y', 'bad.zip', 'link'], { cwd: dir })
  const { name } = await api.app()
  const send = async (file: string) => {
    const raw = (await readFile(join(dir, file))) as Buffer<ArrayBuffer>
    return await api.ask('POST', `${basePath}/apps/${name}/deploys`, {
      token,
      raw,
      headers: { 'content-type': 'application/zip' },
    })
  }
  const good = await send('good.zip')
  assert.equal(good.status, 200, good.text)
  const tar = join(api.ctx.settings.buildsDir, good.json.id, 'source.tar')
  assert.equal(await output(['tar', '-xOf', tar, 'index.html']), 'hello')
  assert.deepEqual(await readdir(join(api.ctx.settings.buildsDir, good.json.id)), ['source.tar'])
  const bad = await send('bad.zip')
  assert.deepEqual([bad.status, bad.json.error.code], [422, 'SOURCE'])
  assert.match(bad.json.error.message, /"link" is a link/)
})

test('an image file lies apart from sources', async () => {
  const { name } = await api.app()
  const answer = await api.ask('POST', `${basePath}/apps/${name}/deploys/image-file`, {
    token,
    raw: tinyTar(),
    headers: { 'content-type': 'application/x-tar' },
  })
  assert.deepEqual(await fileOf(answer.json, 'image.tar'), tinyTar())
})

test('credentials of registries are kept sealed, and never shown', async () => {
  const admin = await api.token('admin')
  const body = { server: 'https://ghcr.io/', username: 'ada', password: 'canary-word' }
  const added = await api.ask('POST', `${basePath}/teams/alpha/registries`, { token: admin, body })
  assert.equal(added.json.server, 'ghcr.io')
  await api.ask('POST', `${basePath}/teams/alpha/registries`, { token: admin, body: { ...body, username: 'bob' } })
  const list = await asked('GET', '/teams/alpha/registries')
  assert.deepEqual(
    list.json.map((one: { username: string }) => one.username),
    ['bob'],
  )
  const kept = await api.store.read((tx) => tx.selectFrom('registries').selectAll().execute())
  assert.ok(!`${list.text}${added.text}${JSON.stringify(kept)}`.includes('canary'))
  const { name } = await api.app()
  const image = { image: 'ghcr.io/ada/blog:v2', username: 'ada', password: 'canary-word' }
  const operation = await asked('POST', `/apps/${name}/deploys/image`, image)
  assert.equal(operation.status, 200, operation.text)
  assert.ok(!operation.text.includes('canary'))
  const row = await api.store.read((tx) =>
    tx.selectFrom('operations').select('input').where('id', '=', operation.json.id).executeTakeFirstOrThrow(),
  )
  assert.ok(!row.input.includes('canary'))
})
