import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before, beforeEach } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { output, start } from '../../src/lib/exec.ts'
import { type GitPlace, gitPlace, type Person, sshCommand, succeed } from '../harness/gitFront.ts'

let place: GitPlace
let ada: Person

before(async () => {
  place = await gitPlace({ heartbeatMs: 300 })
  ada = await place.person('ada', 'writers')
})

beforeEach(() => {
  place.deployer.deploy = succeed
})

after(() => place[Symbol.asyncDispose]())

/** An app with its working copy. */
async function appWith(name: string, files: Readonly<Record<string, string>> = { 'index.html': 'one' }) {
  await place.app(name, 'writers')
  const folder = await place.folder(name)
  const commit = await folder.commit(files, 'First words')
  const push = (...refs: string[]) => place.git(folder.path, ['push', place.sshUrl(name), ...refs], ada)
  const remote = async () => (await place.git(folder.path, ['ls-remote', place.sshUrl(name)], ada)).stdout
  const deploys = () => place.deployer.deployed.filter(({ app }) => app === name).map(({ input }) => JSON.parse(input))
  return { ...folder, first: commit, push, remote, deploys }
}

const assertPushed = ({ code, stderr }: { code: number; stderr: string }) => assert.equal(code, 0, stderr)

function assertRejected({ code, stderr }: { code: number; stderr: string }, reason: RegExp) {
  assert.notEqual(code, 0, stderr)
  assert.match(stderr, reason)
}

test('a push is deployed, and says so as people know it', async () => {
  const blog = await appWith('blog')
  place.deployer.deploy = async (_, say) => void (await say('-----> Static files detected'))
  const push = await blog.push('main')
  assertPushed(push)
  const said = push.stderr
    .split('\n')
    .filter((line) => line.startsWith('remote:'))
    .map((line) => line.slice(8).trimEnd())
  assert.equal(said[0], `-----> Berth received ${blog.first.slice(0, 7)} for blog`)
  assert.match(said[1] ?? '', /^ {7}follow with: berth operation follow [a-z0-9]{12}$/)
  assert.equal(said[2], '-----> Static files detected')
  assert.match(said[3] ?? '', /^-----> Deployed v\d+$/)
  assert.equal(said[4], '       http://blog.localhost/')
  assert.deepEqual(blog.deploys(), [
    {
      kind: 'deploy',
      source: { kind: 'git' },
      commit: blog.first,
      message: 'First words',
      changelog: [],
      author: 'Ada <ada@example.com>',
    },
  ])
})

test('a push says something at once, before anything is built', { timeout: 120_000 }, async (t) => {
  const app = await appWith('prompt')
  const times: number[] = []
  const best = () => Math.min(...times)
  // A second is what is meant; a machine that is busy with other tests takes longer.
  while (best() >= (times.length < 3 ? 1_000 : 5_000) && times.length < 8) times.push(await firstWordsMs('prompt', app))
  t.diagnostic(`the first line of a push came after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
  assert.ok(best() < 5_000, `it took ${times.join(', ')} ms`)
})

/** From the start of git to Berth's first line, while the deploy waits for that line. */
async function firstWordsMs(name: string, app: Awaited<ReturnType<typeof appWith>>): Promise<number> {
  await app.commit({ 'index.html': `${performance.now()}` })
  const gate = Promise.withResolvers<undefined>()
  place.deployer.deploy = () => gate.promise
  const began = performance.now()
  const child = start(['git', 'push', place.sshUrl(name), 'main'], {
    cwd: app.path,
    env: { ...process.env, GIT_SSH_COMMAND: sshCommand(ada) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  let said = ''
  let took: number | undefined
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
    if (took === undefined && said.includes('Berth received')) took = performance.now() - began
    if (took !== undefined) gate.resolve(undefined)
  })
  const [code] = await ended
  assert.equal(code, 0, said)
  return took ?? assert.fail(`no first line in ${said}`)
}

test('the source is the tree of the pushed commit', async () => {
  const app = await appWith('sources', { 'a b': 'x', 'new\nline': 'y', 'quo"te\'s': 'z' })
  assertPushed(await app.push('main'))
  const listing = await output(['tar', '--list', '--quoting-style=escape', '--file', await sourceOf('sources')])
  assert.deepEqual(listing.trim().split('\n').sort(), ['a b', 'new\\nline', 'quo"te\'s'].sort())
})

async function sourceOf(app: string): Promise<string> {
  const id = place.deployer.deployed.findLast((operation) => operation.app === app)?.id ?? ''
  const folder = join(place.dir, 'data', 'builds', id)
  assert.deepEqual(await readdir(folder), ['source.tar'])
  return join(folder, 'source.tar')
}

test('attributes of the tree change nothing in the source', async () => {
  const app = await appWith('attributes')
  await writeFile(join(app.path, '.git', 'info', 'attributes'), '* -text !ident !working-tree-encoding\n')
  const attributes = '* export-ignore working-tree-encoding=UTF-16\nv export-subst\n*.txt text eol=crlf\nid ident\n'
  await app.commit({ '.gitattributes': attributes, v: '$Format:%H$', 'a.txt': 'a\nb\n', id: '$Id$' })
  assertPushed(await app.push('main'))
  const source = await sourceOf('attributes')
  const read = (file: string) => output(['tar', '--extract', '--to-stdout', '--file', source, file])
  assert.equal(await read('v'), '$Format:%H$')
  assert.equal(await read('a.txt'), 'a\nb\n')
  assert.equal(await read('id'), '$Id$')
})

test('a change is deployed, what is up to date is not', async () => {
  const app = await appWith('twice')
  assertPushed(await app.push('main'))
  const second = await app.commit({ 'index.html': 'two' })
  assertPushed(await app.push('main'))
  const third = await app.push('main')
  assertPushed(third)
  assert.match(third.stderr, /Everything up-to-date/)
  assert.deepEqual(
    app.deploys().map(({ commit }) => commit),
    [app.first, second],
  )
})

test('master deploys where it came first, and main no more', async () => {
  const app = await appWith('older')
  assertPushed(await app.push('main:master'))
  const push = await app.push('main')
  assertPushed(push)
  assert.match(push.stderr, /branch main stored; only master deploys/)
  assert.equal(app.deploys().length, 1)
  assert.match(
    (await place.git(app.path, ['ls-remote', '--symref', place.sshUrl('older'), 'HEAD'], ada)).stdout,
    /heads\/master/,
  )
})

test('another branch and a tag are stored and told so', async () => {
  const app = await appWith('others')
  assert.match((await app.push('main:topic')).stderr, /branch topic stored; only main or master deploys/)
  await place.git(app.path, ['tag', '-a', '-m', 'one', 'v1'])
  assert.match((await app.push('v1')).stderr, /tag v1 stored; tags do not deploy/)
  assert.match(await app.remote(), /refs\/heads\/topic\n.*refs\/tags\/v1/)
  assert.deepEqual(app.deploys(), [])
})

test('several refs in one push deploy once', async () => {
  const app = await appWith('several')
  await place.git(app.path, ['tag', 'v1'])
  const push = await app.push('main', 'main:topic', 'v1')
  assertPushed(push)
  assert.match(push.stderr, /branch topic stored; only main deploys/)
  assert.match(push.stderr, /tag v1 stored/)
  assert.equal(app.deploys().length, 1)
})

test('a force push deploys', async () => {
  const app = await appWith('forced')
  await app.commit({ 'index.html': 'two' })
  assertPushed(await app.push('main'))
  await place.git(app.path, ['reset', '--hard', '--quiet', app.first])
  assertRejected(await app.push('main'), /non-fast-forward|fetch first|behind/)
  assertPushed(await app.push('--force', 'main'))
  assert.equal(app.deploys().at(-1)?.commit, app.first)
})

test('branches can be deleted, but for the one that deploys', async () => {
  const app = await appWith('deletes')
  assertPushed(await app.push('main', 'main:topic'))
  assertPushed(await app.push(':topic'))
  assertRejected(await app.push(':main'), /cannot delete branch main: it is the one that deploys/)
  assert.doesNotMatch(await app.remote(), /topic/)
  assert.match(await app.remote(), /refs\/heads\/main/)
})

test('a bad definition is refused with its place, and nothing moves', async () => {
  const app = await appWith('typo', { 'berth.yaml': 'processes:\n  web:\n    comand: node .\n' })
  assertRejected(await app.push('main', 'main:topic'), /berth\.yaml:3:5: unknown key "comand"/)
  assert.equal(await app.remote(), '')
  await app.commit({ 'berth.yaml': 'processes:\n  web: node .\n' })
  assertPushed(await app.push('main'))
})

test('a definition of monstrous size is refused', async () => {
  const app = await appWith('monster', { 'berth.yaml': `# ${'x'.repeat(3_000_000)}` })
  assertRejected(await app.push('main'), /berth\.yaml is larger than the limit/)
})

test('a deploy that fails rejects the push, and the same commit can be pushed again', async () => {
  const app = await appWith('failing')
  place.deployer.deploy = async (_, say) => {
    await say('-----> npm run build')
    return { code: 'BUILD_FAILED', message: 'build failed at npm run build: exit code 1' }
  }
  const failed = await app.push('main')
  assertRejected(failed, /! {5}build failed at npm run build: exit code 1/)
  assert.match(failed.stderr, /remote rejected.*pre-receive hook declined/)
  assert.equal(await app.remote(), '')
  place.deployer.deploy = succeed
  assertPushed(await app.push('main'))
  assert.deepEqual(
    app.deploys().map(({ commit }) => commit),
    [app.first],
  )
})

test('the log comes at once, without what steers a terminal, and silence is broken', async () => {
  const app = await appWith('slow')
  place.deployer.deploy = async (_, say) => {
    await say('\x1b[31mred\x1b[0m and \x1b]0;title\x07plain')
    await sleep(800)
    return undefined
  }
  const push = await app.push('main')
  assert.match(push.stderr, /remote: red and plain/)
  assert.match(push.stderr, /still working \(\d s\)/)
})

test('the newest push wins, and the refs follow it', async () => {
  const app = await appWith('busy')
  const gate = Promise.withResolvers<undefined>()
  place.deployer.deploy = () => gate.promise
  const first = app.push('main')
  await until(() => openDeploys('busy'), 1)
  const waiting = [await app.commit({ n: '2' }), await app.commit({ n: '3' })]
  const second = app.push(`${waiting[0]}:refs/heads/main`)
  await until(() => openDeploys('busy'), 2)
  const third = app.push(`${waiting[1]}:refs/heads/main`)
  await until(() => allDeploys('busy'), 3)
  assertRejected(await second, /superseded by a newer deploy/)
  gate.resolve(undefined)
  assertPushed(await first)
  assertPushed(await third)
  assert.match(await app.remote(), new RegExp(`${waiting[1]}\trefs/heads/main`))
})

const openDeploys = async (app: string) => (await operationsOf(app)).filter(({ finished_at }) => !finished_at).length
const allDeploys = async (app: string) => (await operationsOf(app)).length

const operationsOf = (app: string) =>
  place.store.read((tx) => tx.selectFrom('operations').selectAll().where('app', '=', app).execute())

async function until(look: () => Promise<number>, wanted: number) {
  for (let tries = 0; tries < 1_500; tries += 1) {
    if ((await look()) === wanted) return
    await sleep(20)
  }
  assert.fail(`never became ${wanted}`)
}

test('after Ctrl-C the deploy goes on, and the branch follows it', async () => {
  const app = await appWith('impatient')
  const gate = Promise.withResolvers<undefined>()
  place.deployer.deploy = () => gate.promise
  const env = { ...process.env, GIT_SSH_COMMAND: sshCommand(ada) }
  const child = start(['git', 'push', place.sshUrl('impatient'), 'main'], {
    cwd: app.path,
    env,
    detached: true,
    stdio: 'ignore',
  })
  const gone = once(child, 'exit')
  await until(() => openDeploys('impatient'), 1)
  process.kill(-(child.pid ?? 0), 'SIGINT')
  await gone
  gate.resolve(undefined)
  await until(() => openDeploys('impatient'), 0)
  await until(async () => (await app.remote()).split('refs/heads/main').length - 1, 1)
  assert.equal(app.deploys().length, 1)
})

test('what was pushed can be cloned', async () => {
  const app = await appWith('cloned')
  await app.push('main')
  const clone = await place.git(place.dir, ['clone', '--quiet', place.sshUrl('cloned'), 'copy'], ada)
  assertPushed(clone)
  assert.equal(await readFile(join(place.dir, 'copy', 'index.html'), 'utf8'), 'one')
})

test('an app without a push is an empty repository', async () => {
  await place.app('fresh', 'writers')
  const clone = await place.git(place.dir, ['clone', place.sshUrl('fresh'), 'nothing'], ada)
  assertPushed(clone)
  assert.match(clone.stderr, /empty repository/)
})

test('a shallow clone can push, and a full one after it', async () => {
  const app = await appWith('shallow')
  await app.commit({ n: '2' })
  await app.commit({ n: '3' })
  await place.git(place.dir, ['clone', '--quiet', '--depth=1', `file://${app.path}`, 'depth1'])
  const push = await place.git(join(place.dir, 'depth1'), ['push', place.sshUrl('shallow'), 'main'], ada)
  assertPushed(push)
  await app.commit({ n: '4' })
  assertPushed(await app.push('main'))
  assert.equal(app.deploys().length, 2)
})

test('a submodule and large files kept elsewhere are pointed out', async () => {
  const app = await appWith('modules', { '.gitattributes': '*.psd filter=lfs diff=lfs\n' })
  await place.git(app.path, ['update-index', '--add', '--cacheinfo', `160000,${app.first},vendor/lib`])
  await place.git(app.path, ['commit', '--quiet', '--message', 'Add a submodule'])
  const push = await app.push('main')
  assertPushed(push)
  assert.match(push.stderr, /! {5}"vendor\/lib" is a submodule/)
  assert.match(push.stderr, /! {5}\.gitattributes names Git LFS/)
})

test('ten thousand refs in one push', async () => {
  const app = await appWith('many')
  const refs = Array.from({ length: 9_999 }, (_, i) => `create refs/heads/b${i} ${app.first}\n`).join('')
  const child = start(['git', 'update-ref', '--stdin'], { cwd: app.path, stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin?.end(refs)
  await once(child, 'exit')
  const push = await app.push('--all')
  assertPushed(push)
  assert.match(push.stderr, /… and 9979 more, none of which deploys/)
  assert.equal(app.deploys().length, 1)
})

test('what a repository of a gone app held is not seen by the next of its name', async () => {
  const app = await appWith('reborn')
  await app.push('main')
  await place.store.write('apps', (tx) => tx.deleteFrom('apps').where('name', '=', 'reborn').execute())
  await place.app('reborn', 'writers')
  assert.equal(await app.remote(), '')
})

test('a key that was removed opens nothing any more', async () => {
  const app = await appWith('leaver')
  const bob = await place.person('bob', 'writers')
  assertPushed(await place.git(app.path, ['push', place.sshUrl('leaver'), 'main'], bob))
  await place.store.write('people', (tx) => tx.deleteFrom('keys').where('id', '=', 'kbob').execute())
  const list = () => place.git(app.path, ['ls-remote', place.sshUrl('leaver')], bob)
  await until(async () => Number((await list()).code !== 0), 1)
  assertRejected(await list(), /Permission denied \(publickey\)/)
})
