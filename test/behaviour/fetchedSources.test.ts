import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureGitUser } from '../../src/host/gitUser.ts'
import { output } from '../../src/lib/exec.ts'
import { type RepositoryKind, repositoryUrl } from '../../src/model/repository.ts'
import { allowedAddresses } from '../../src/server/sources/addresses.ts'
import { newDeployKey } from '../../src/server/sources/deployKey.ts'
import type { Repository, SourceSettings } from '../../src/server/sources/place.ts'
import { changedSince, fetchRepository, newestRevision } from '../../src/server/sources/repository.ts'
import { repositoryHost } from '../harness/repositories.ts'
import { newRepository } from '../harness/repository.ts'

let dir: string
let host: Awaited<ReturnType<typeof repositoryHost>>
let settings: SourceSettings
let count = 0

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'berth-sources-'))
  await chmod(dir, 0o711)
  await mkdir(join(dir, 'repositories'), { mode: 0o711 })
  await chmod(join(dir, 'repositories'), 0o711)
  host = await repositoryHost()
  const { username, uid, gid } = userInfo()
  settings = {
    user: uid === 0 ? await ensureGitUser() : { name: username, uid, gid },
    dir: join(dir, 'repositories'),
    allowed: allowedAddresses('127.0.0.0/8'),
    ssh: new URL('../../libexec/source-ssh', import.meta.url).pathname,
    maxBytes: 50_000_000,
    maxFiles: 10_000,
    timeoutMs: 300_000,
    hostEnv: {},
  }
})

after(async () => {
  await host[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
})

const signal = new AbortController().signal

function source(raw: string, more: Partial<Repository> = {}): Repository {
  const { url, password } = repositoryUrl(raw)
  return {
    appId: `app${count++}`,
    kind: 'git' as RepositoryKind,
    url,
    ref: null,
    ...(password && { password }),
    ...more,
  }
}

const into = () => join(dir, `out${count++}`)

async function fetchIt(repository: Repository, more: { folder?: string; since?: string } = {}, other = settings) {
  const to = into()
  const found = await fetchRepository({ repository, settings: other, signal, into: to, folder: '', ...more })
  const files = (await output(['tar', '-tf', join(to, 'source.tar')]))
    .split('\n')
    .map((name) => name.replace(/^\.\//, ''))
  return { ...found, files: files.filter((name) => name !== '' && !name.endsWith('/')).sort() }
}

const newest = (repository: Repository, other = settings) => newestRevision({ repository, settings: other, signal })

/** A bare repository on the host, and a working copy to change it by. */
async function gitProject(name: string, files: Record<string, string>) {
  const work = await newRepository(files)
  await host.sh(['git', 'clone', '--quiet', '--bare', work.dir, `${name}.git`])
  await work.git('remote', 'add', 'origin', join(host.dir, `${name}.git`))
  return { ...work, publish: (...refs: string[]) => work.git('push', '--quiet', '--force', 'origin', ...refs) }
}

const site = { 'index.html': 'hello', 'api/a.js': '1', 'docs/README.md': 'x' }

describe('git', () => {
  test('over HTTP: a branch, its next commit, its changes', async () => {
    await using project = await gitProject('one', site)
    const { port, seen } = await host.gitHttp()
    const repository = source(`http://127.0.0.1:${port}/one.git`)
    const first = await fetchIt(repository)
    assert.deepEqual(first.files, ['api/a.js', 'docs/README.md', 'index.html'])
    assert.equal(first.message, 'First')
    assert.equal(first.author, 'Ada')
    const second = await project.commit({ 'api/a.js': '2' }, 'Change the API')
    await project.publish('main')
    assert.equal(await newest(repository), second)
    const again = await fetchIt(repository, { since: first.id })
    assert.equal(again.id, second)
    assert.deepEqual(again.changelog, ['Change the API'])
    assert.deepEqual(await changedSince({ repository, settings, signal }, first.id, second), ['api/a.js'])
    const asked = seen.length
    await fetchIt(repository)
    assert.ok(seen.length - asked <= 2, 'what is there is not fetched again')
  })

  test('a branch, a tag, a commit, the newest tag of a pattern', async () => {
    await using project = await gitProject('refs', site)
    const first = (await project.git('rev-parse', 'HEAD')).trim()
    await project.git('tag', '-a', '-m', 'nine', 'v1.9')
    const second = await project.commit({ b: '2' })
    await project.git('tag', 'v1.10')
    await project.git('branch', 'next')
    const third = await project.commit({ b: '3' })
    await project.publish('main', 'next', '--tags')
    const { port } = await host.gitHttp()
    const at = (ref: string | null) => source(`http://127.0.0.1:${port}/refs.git`, { ref })
    assert.equal((await fetchIt(at(null))).id, third)
    assert.equal((await fetchIt(at('next'))).id, second)
    assert.equal((await fetchIt(at('v1.9'))).id, first)
    assert.equal((await fetchIt(at('v*'))).id, second)
    assert.equal((await fetchIt(at(first))).id, first)
    await assert.rejects(fetchIt(at('nowhere')), { code: 'FETCH_FAILED', message: /no branch and no tag nowhere/ })
    await assert.rejects(fetchIt(at('f'.repeat(40))), { code: 'FETCH_FAILED' })
  })

  test('one folder of it', async () => {
    await using _ = await gitProject('folder', { ...site, 'api/berth.yaml': 'processes:\n  web: node a.js\n' })
    const { port } = await host.gitHttp()
    const repository = source(`http://127.0.0.1:${port}/folder.git`)
    assert.deepEqual((await fetchIt(repository, { folder: 'api' })).files, ['a.js', 'berth.yaml'])
    await assert.rejects(fetchIt(repository, { folder: 'nowhere' }), { code: 'SOURCE', message: /no folder nowhere/ })
  })

  test('a mistake in its definition is told with the place', async () => {
    await using _ = await gitProject('wrong', { 'berth.yaml': 'helth: 1\n' })
    const { port } = await host.gitHttp()
    await assert.rejects(fetchIt(source(`http://127.0.0.1:${port}/wrong.git`)), {
      code: 'DEFINITION',
      message: /^berth.yaml:1:1: /,
    })
  })

  test('with a password, which no argument and no message shows', async () => {
    await using _ = await gitProject('sealed', site)
    const { port } = await host.gitHttp('s3cret-word')
    const found = await fetchIt(source(`http://ada:s3cret-word@127.0.0.1:${port}/sealed.git`))
    assert.equal(found.files.length, 3)
    const error = await fetchIt(source(`http://ada:wr0ng-word@127.0.0.1:${port}/sealed.git`)).catch((error) => error)
    assert.equal(error.code, 'FETCH_FAILED')
    assert.doesNotMatch(error.message, /wr0ng/)
  })

  test('over git://', async () => {
    await using _ = await gitProject('daemon', site)
    const port = await host.gitDaemon()
    assert.equal((await fetchIt(source(`git://127.0.0.1:${port}/daemon.git`))).files.length, 3)
  })

  test('over SSH with the deploy key; a changed host key is refused', async () => {
    await using _ = await gitProject('keyed', site)
    const key = await newDeployKey('blog')
    const sshd = await host.ssh(() => key.publicKey)
    const raw = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${host.dir}/keyed.git`
    const repository = source(raw, { privateKey: key.privateKey })
    await assert.rejects(fetchIt(repository), { code: 'FETCH_FAILED', message: /does not take the deploy key/ })
    await sshd.allow()
    assert.equal((await fetchIt(repository)).files.length, 3)
    assert.match(await readFile(join(settings.dir, repository.appId, 'known_hosts'), 'utf8'), /ssh-ed25519/)
    await sshd.changeHostKey()
    await assert.rejects(fetchIt(repository), { code: 'FETCH_FAILED', message: /another SSH key than before/ })
    assert.deepEqual((await readdir(join(settings.dir, repository.appId))).sort(), ['git', 'known_hosts'])
  })

  test('no address inside, not even by way of a redirect', async () => {
    const { port } = await host.gitHttp()
    const closed = { ...settings, allowed: allowedAddresses('') }
    for (const raw of [
      `http://127.0.0.1:${port}/one.git`,
      'http://localhost/x',
      'git://10.0.0.1/x',
      'ssh://git@169.254.169.254/x',
      'http://[::1]/x',
      'http://2130706433/x',
    ]) {
      await assert.rejects(newest(source(raw), closed), { code: 'INVALID', message: /BERTH_PRIVATE_SOURCES/ }, raw)
    }
    const { createServer } = await import('node:http')
    const away = createServer((request, response) =>
      response.writeHead(302, { location: `http://127.0.0.2:${port}${request.url}` }).end(),
    ).listen(0, '127.0.0.1')
    await new Promise((resolve) => away.once('listening', resolve))
    const { port: from } = away.address() as { port: number }
    const one = { ...settings, allowed: allowedAddresses('127.0.0.1') }
    await assert.rejects(newest(source(`http://127.0.0.1:${from}/one.git`), one), {
      code: 'INVALID',
      message: /127\.0\.0\.2/,
    })
    away.close()
  })

  test('what is too large, and what takes too long, ends', async () => {
    await using _ = await gitProject('large', { big: 'x' })
    const noise = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256)))
    await using big = await gitProject('bigger', site)
    await writeFile(join(big.dir, 'noise'), noise)
    await big.commit({})
    await big.publish('main')
    const { port } = await host.gitHttp()
    await assert.rejects(
      fetchIt(source(`http://127.0.0.1:${port}/bigger.git`), {}, { ...settings, maxBytes: 1_000_000 }),
      { code: 'TOO_LARGE' },
    )
    await assert.rejects(
      fetchIt(source(`http://127.0.0.1:${port}/one.git`), {}, { ...settings, timeoutMs: 1 }),
      /too long|FETCH_FAILED|aborted|timeout/i,
    )
  })

  test('clients run as another user, and leave nothing behind', async () => {
    await using _ = await gitProject('clean', site)
    const { port } = await host.gitHttp()
    const repository = source(`http://127.0.0.1:${port}/clean.git`)
    await fetchIt(repository)
    assert.deepEqual(await readdir(join(settings.dir, repository.appId)), ['git'])
    assert.equal((await stat(join(settings.dir, repository.appId, 'git', 'HEAD'))).uid, settings.user.uid)
  })
})

describe('Mercurial', () => {
  test('over HTTP: its branch, its next change', async () => {
    await mkdir(join(host.dir, 'hg', 'api'), { recursive: true })
    const work = join(host.dir, 'hg')
    await host.sh(['hg', 'init'], work)
    await writeFile(join(work, 'index.html'), 'hello')
    await writeFile(join(work, 'api', 'a.js'), '1')
    await host.sh(['hg', 'commit', '--addremove', '-m', 'First'], work)
    const port = await host.hg('hg')
    const repository = source(`http://127.0.0.1:${port}/`, { kind: 'hg' })
    const first = await fetchIt(repository)
    assert.deepEqual(first.files, ['api/a.js', 'index.html'])
    assert.deepEqual([first.message, first.author], ['First', 'Ada'])
    await writeFile(join(work, 'api', 'a.js'), '2')
    await host.sh(['hg', 'commit', '-m', 'Second'], work)
    const second = await fetchIt(repository, { since: first.id, folder: 'api' })
    assert.deepEqual([second.files, second.changelog], [['a.js'], ['Second']])
    assert.ok(second.id.startsWith(await newest(repository)))
    assert.deepEqual(await changedSince({ repository, settings, signal }, first.id, second.id), ['api/a.js'])
  })
})

describe('Subversion', () => {
  test('over svn://: its trunk, its next revision, an older one', async () => {
    await host.sh(['svnadmin', 'create', 'svn'])
    await host.sh(['svn', 'mkdir', '-q', '-m', 'Layout', `file://${host.dir}/svn/trunk`])
    await host.sh(['svn', 'checkout', '-q', `file://${host.dir}/svn/trunk`, 'svn-work'])
    const work = join(host.dir, 'svn-work')
    await mkdir(join(work, 'api'))
    await writeFile(join(work, 'index.html'), 'hello')
    await writeFile(join(work, 'api', 'a.js'), '1')
    await host.sh(['svn', 'add', '-q', 'index.html', 'api'], work)
    await host.sh(['svn', 'commit', '-q', '-m', 'First <one> & only'], work)
    const port = await host.svn()
    const repository = source(`svn://127.0.0.1:${port}/svn/trunk`, { kind: 'svn' })
    const first = await fetchIt(repository)
    assert.deepEqual([first.id, first.files, first.message], ['2', ['api/a.js', 'index.html'], 'First <one> & only'])
    await writeFile(join(work, 'api', 'a.js'), '2')
    await host.sh(['svn', 'commit', '-q', '-m', 'Second'], work)
    const second = await fetchIt(repository, { since: '2', folder: 'api' })
    assert.deepEqual([second.id, second.files, second.changelog], ['3', ['a.js'], ['Second']])
    assert.deepEqual(await changedSince({ repository, settings, signal }, '2', '3'), ['api/a.js'])
    assert.equal((await fetchIt({ ...repository, ref: '2' })).id, '2')
    await assert.rejects(fetchIt({ ...repository, ref: 'main' }), { code: 'INVALID' })
  })
})

describe('Bazaar', () => {
  test('over bzr://: its branch, its next revision, a tag', async () => {
    await host.sh(['brz', 'init', '-q', 'bzr'])
    const work = join(host.dir, 'bzr')
    await mkdir(join(work, 'api'))
    await writeFile(join(work, 'index.html'), 'hello')
    await writeFile(join(work, 'api', 'a.js'), '1')
    await host.sh(['brz', 'add', '-q'], work)
    await host.sh(['brz', 'commit', '-q', '-m', 'First'], work)
    await host.sh(['brz', 'tag', '-q', 'v1'], work)
    const port = await host.bzr()
    const repository = source(`bzr://127.0.0.1:${port}/bzr`, { kind: 'bzr' })
    const first = await fetchIt(repository)
    assert.deepEqual([first.id, first.files, first.message], ['1', ['api/a.js', 'index.html'], 'First'])
    await writeFile(join(work, 'api', 'a.js'), '2')
    await host.sh(['brz', 'commit', '-q', '-m', 'Second'], work)
    const second = await fetchIt(repository, { since: '1', folder: 'api' })
    assert.deepEqual([second.id, second.files, second.changelog], ['2', ['a.js'], ['Second']])
    assert.equal((await fetchIt({ ...repository, ref: 'v1' })).id, '1')
  })
})

test('Mercurial, Subversion and Bazaar over SSH, with the deploy key', async () => {
  const key = await newDeployKey('all')
  const sshd = await host.ssh(() => key.publicKey)
  await sshd.allow()
  const [work, at] = [join(host.dir, 'over-ssh'), `${sshd.user}@127.0.0.1:${sshd.port}`]
  await mkdir(work)
  await host.sh(['hg', 'init', 'hg'], work)
  await writeFile(join(work, 'hg', 'a'), 'x')
  await host.sh(['hg', 'commit', '--addremove', '-m', 'First'], join(work, 'hg'))
  await host.sh(['svnadmin', 'create', 'svn'], work)
  await host.sh(['svn', 'mkdir', '-q', '-m', 'First', `file://${work}/svn/trunk`])
  await host.sh(['brz', 'init', '-q', 'bzr'], work)
  await writeFile(join(work, 'bzr', 'a'), 'x')
  await host.sh(['brz', 'add', '-q'], join(work, 'bzr'))
  await host.sh(['brz', 'commit', '-q', '-m', 'First'], join(work, 'bzr'))
  const privateKey = key.privateKey
  const urls = {
    hg: `ssh://${at}/${work}/hg`,
    svn: `svn+ssh://${at}${work}/svn/trunk`,
    bzr: `bzr+ssh://${at}${work}/bzr`,
  } as const
  for (const kind of ['hg', 'svn', 'bzr'] as const) {
    assert.equal((await fetchIt(source(urls[kind], { kind, privateKey }))).message, 'First', kind)
  }
})

test('a client that is not on the machine is named with its package', async () => {
  const { client } = await import('../../src/server/sources/client.ts')
  const { openPlace } = await import('../../src/server/sources/place.ts')
  await using place = await openPlace(source('http://127.0.0.1:1/x', { kind: 'hg' }), settings, signal)
  await assert.rejects(client(['no-such-client'], place), { code: 'UNAVAILABLE', message: /apt install mercurial/ })
})
