import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before, beforeEach } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tokenHash } from '../../src/server/store/people.ts'
import { type GitPlace, gitPlace, type Person, succeed } from '../harness/gitFront.ts'

let place: GitPlace
let ada: Person
let eve: Person
let folder: Awaited<ReturnType<GitPlace['folder']>>

before(async () => {
  place = await gitPlace()
  ada = await place.person('ada', 'writers')
  eve = await place.person('eve', 'others')
  await place.app('blog', 'writers')
  folder = await place.folder('blog')
  await folder.commit({ 'index.html': 'one' })
})

beforeEach(() => {
  place.deployer.deploy = succeed
})

after(() => place[Symbol.asyncDispose]())

const push = (url: string, ...refs: string[]) =>
  place.git(folder.path, ['push', url, ...(refs.length > 0 ? refs : ['main'])])

const basic = (password: string, name = 'x') => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${place.httpPort}${path}`, init)

const refs = '/git/blog.git/info/refs?service=git-upload-pack'

test('a push over HTTP is deployed, with the same words', async () => {
  place.deployer.deploy = async (_, say) => void (await say('-----> Static files detected'))
  const { code, stderr } = await push(place.httpUrl('blog', ada.token))
  assert.equal(code, 0, stderr)
  assert.match(stderr, /remote: -----> Berth received [0-9a-f]{7} for blog/)
  assert.match(stderr, /remote: -----> Static files detected/)
  assert.match(stderr, /remote: {8}http:\/\/blog\.localhost\//)
})

test('a failed deploy rejects the push over HTTP', async () => {
  await folder.commit({ 'index.html': 'bad' })
  place.deployer.deploy = async () => ({ code: 'NOT_HEALTHY', message: 'web did not become healthy: exit code 1' })
  const { code, stderr } = await push(place.httpUrl('blog', ada.token))
  assert.equal(code, 1)
  assert.match(stderr, /! {5}web did not become healthy: exit code 1/)
  assert.match(stderr, /pre-receive hook declined/)
})

test('a push larger than the post buffer is streamed', async () => {
  const noise = Array.from({ length: 3_000_000 }, () => String.fromCharCode(32 + Math.random() * 90)).join('')
  await folder.commit({ noise })
  const { code, stderr } = await push(place.httpUrl('blog', ada.token))
  assert.equal(code, 0, stderr)
})

for (const version of ['0', '1', '2']) {
  test(`a clone in protocol version ${version}`, async () => {
    const args = [
      '-c',
      `protocol.version=${version}`,
      'clone',
      '--quiet',
      place.httpUrl('blog', ada.token),
      `copy${version}`,
    ]
    const { code, stderr } = await place.git(place.dir, args)
    assert.equal(code, 0, stderr)
    assert.ok((await readdir(join(place.dir, `copy${version}`))).includes('index.html'))
  })
}

test('the path may be short', async () => {
  const url = place.httpUrl('blog', ada.token).replace('/git/blog', '/blog')
  assert.equal((await place.git(place.dir, ['ls-remote', url])).code, 0)
})

test('without credentials one is asked for them', async () => {
  const response = await ask(refs)
  assert.equal(response.status, 401)
  assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm="Berth"/)
})

test('a bad token is refused, an expired one and one of a disabled user too', async () => {
  assert.match((await push(place.httpUrl('blog', 'berth_wrong', 'bad'))).stderr, /Authentication failed/)
  const bob = await place.person('bob', 'writers')
  assert.equal((await ask(refs, { headers: basic(bob.token, 'bob') })).status, 200)
  const past = { expires_at: '2020-01-01T00:00:00.000Z' }
  await place.store.write('people', (tx) =>
    tx.updateTable('tokens').set(past).where('hash', '=', tokenHash(bob.token)).execute(),
  )
  assert.equal((await ask(refs, { headers: basic(bob.token, 'bob') })).status, 401)
  const kim = await place.person('kim', 'writers')
  await place.store.write('people', (tx) =>
    tx.updateTable('users').set({ disabled: 1 }).where('name', '=', 'kim').execute(),
  )
  assert.equal((await ask(refs, { headers: basic(kim.token, 'kim') })).status, 401)
})

test('who guesses has to wait, and others have not', async () => {
  const tries = await Promise.all(Array.from({ length: 10 }, () => ask(refs, { headers: basic('guess', 'mallory') })))
  assert.deepEqual(
    tries.map(({ status }) => status),
    Array(10).fill(401),
  )
  const late = await ask(refs, { headers: basic(ada.token, 'mallory') })
  assert.equal(late.status, 429)
  assert.match(await late.text(), /too many failed attempts; try again in \d+ s/)
  assert.equal((await ask(refs, { headers: basic(ada.token, 'ada') })).status, 200)
})

test("another team's app and one that is not there look the same", async () => {
  const foreign = await ask(refs, { headers: basic(eve.token) })
  const unknown = await ask(refs.replace('blog', 'nowhere'), { headers: basic(eve.token) })
  assert.deepEqual([foreign.status, unknown.status], [404, 404])
  assert.equal((await foreign.text()).replaceAll('blog', 'nowhere'), await unknown.text())
  const { stderr } = await push(place.httpUrl('nowhere', eve.token))
  assert.match(stderr, /remote: create it with: berth app create nowhere/)
})

const strange: [string, string, number][] = [
  ['GET', '/git/blog.git/HEAD', 404],
  ['GET', '/git/blog.git/config', 404],
  ['GET', '/git/blog.git/objects/info/packs', 404],
  ['GET', '/git/blog.git/info/refs', 404],
  ['GET', '/git/blog.git/info/refs?service=git-upload-archive', 404],
  ['GET', '/git/blog.git/info/refs?service=git-upload-pack%00x', 404],
  ['GET', '/git/blog.git/git-upload-pack', 404],
  ['POST', '/git/blog.git/git-upload-pack', 404],
  ['POST', '/git/blog.git/git-shell', 404],
  ['GET', '/git/..%2f..%2fblog.git/info/refs?service=git-upload-pack', 400],
  ['GET', '/git/%2e%2e.git/info/refs?service=git-upload-pack', 400],
  ['GET', '/git/BLOG.git/info/refs?service=git-upload-pack', 400],
  ['GET', '/git/--help.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/git/x/blog.git/info/refs?service=git-upload-pack', 418],
  ['GET', '/blog/info/refs?service=git-upload-pack', 418],
  ['GET', '//', 418],
]
for (const [method, path, status] of strange) {
  test(`${method} ${path} gives ${status}`, async () => {
    assert.equal((await ask(path, { method, headers: basic(ada.token) })).status, status)
  })
}

const post = (body: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) =>
  ask('/git/blog.git/git-upload-pack', {
    method: 'POST',
    headers: { ...basic(ada.token), 'Content-Type': 'application/x-git-upload-pack-request', ...more },
    body,
  })

test('bodies that are nonsense, or unpack to far too much, harm nobody', async () => {
  for (const body of [Buffer.from('zzzz'), Buffer.from('0000'), Buffer.alloc(100_000, 'f')]) {
    await (await post(new Uint8Array(body))).arrayBuffer()
  }
  const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20))
  await (await post(new Uint8Array(bomb), { 'Content-Encoding': 'gzip' })).arrayBuffer().catch(() => undefined)
  await (await post(new Uint8Array(Buffer.from('not gzip')), { 'Content-Encoding': 'gzip' }))
    .arrayBuffer()
    .catch(() => undefined)
  assert.equal((await ask(refs, { headers: basic(ada.token) })).status, 200)
})

test('answers are never kept by a cache', async () => {
  const response = await ask(refs, { headers: basic(ada.token) })
  assert.equal(response.headers.get('content-type'), 'application/x-git-upload-pack-advertisement')
  assert.match(response.headers.get('cache-control') ?? '', /no-cache/)
  await response.body?.cancel()
})

test('git runs as the user that it was given', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
  const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 }
  await using other = await gitPlace({ user: nobody })
  const bob = await other.person('bob', 'writers')
  await other.app('blog', 'writers')
  const { code, stderr } = await other.git(folder.path, ['push', other.httpUrl('blog', bob.token), 'main'])
  assert.equal(code, 0, stderr)
  assert.equal(other.deployer.deployed.length, 1)
  const repository = join(other.dir, 'data', 'git', 'blog.git')
  for (const file of await readdir(repository, { recursive: true })) {
    assert.equal((await stat(join(repository, file))).uid, nobody.uid, file)
  }
})
