import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { output, run } from '../../src/lib/exec.ts'
import { type GitPlace, gitPlace, type Person, sshCommand } from '../harness/gitFront.ts'

let place: GitPlace
let ada: Person
let eve: Person
let folder: Awaited<ReturnType<GitPlace['folder']>>

before(async () => {
  place = await gitPlace({ limits: { maxPackBytes: 2_000_000, maxSourceBytes: 3_000_000, maxFiles: 500 } })
  ada = await place.person('ada', 'writers')
  eve = await place.person('eve', 'others')
  await place.app('blog', 'writers')
  folder = await place.folder('blog')
  await folder.commit({ 'index.html': 'one' })
  const push = await place.git(folder.path, ['push', place.sshUrl('blog'), 'main'], ada)
  assert.equal(push.code, 0, push.stderr)
})

after(() => place[Symbol.asyncDispose]())

const push = (app: string, who?: Person, ...refs: string[]) =>
  place.git(folder.path, ['push', place.sshUrl(app), ...(refs.length > 0 ? refs : ['main'])], who)

function assertRejected({ code, stderr }: { code: number; stderr: string }, reason: RegExp) {
  assert.notEqual(code, 0, stderr)
  assert.match(stderr, reason)
}

/** ssh as somebody who does not run git. */
function ssh(who: Person, ...args: string[]) {
  const [file = '', ...options] = sshCommand(who).split(' ')
  const target = ['-p', String(place.sshPort), `${userInfo().username}@127.0.0.1`]
  return run([file, ...options, ...target, ...args], { timeoutMs: 10_000 })
}

test('without a key nobody gets in', async () => assertRejected(await push('blog'), /Permission denied \(publickey\)/))

test('a key that nobody has added is refused', async () => {
  const key = join(place.dir, 'stray')
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key])
  assertRejected(await push('blog', { ...ada, key }), /Permission denied/)
})

test('an app that does not exist is said with the way to make it', async () =>
  assertRejected(await push('nowhere', ada), /no app "nowhere".*\n.*berth app create nowhere/))

test("another team's app does not exist for a stranger", async () => {
  const unknown = await push('nowhere', eve)
  const foreign = await push('blog', eve)
  assert.equal(foreign.stderr.replaceAll('blog', 'nowhere'), unknown.stderr)
  assertRejected(await place.git(folder.path, ['fetch', place.sshUrl('blog')], eve), /no app "blog"/)
})

test('there is no shell, and the greeting says so', async () => {
  const { code, stderr } = await ssh(ada)
  assert.equal(code, 1)
  assert.match(stderr, /hello ada; there is no shell here/)
})

const commands = [
  'id',
  'sh -c "touch MARK"',
  "git-receive-pack '/blog.git'; touch MARK",
  "git-receive-pack '/blog.git' && touch MARK",
  "git-receive-pack '`touch MARK`'",
  "git-receive-pack '$(touch MARK)'",
  "git-upload-pack '--upload-pack=touch MARK'",
  "git-upload-pack --help 'blog'",
  "git-upload-pack '../../../etc'",
  "git-upload-pack '/blog.git\n'touch MARK",
  "git-upload-archive '/blog.git'",
  'scp -t /tmp',
  '/usr/lib/openssh/sftp-server',
]
for (const command of commands) {
  test(`over SSH, ${JSON.stringify(command)} does nothing`, async () => {
    const mark = join(place.dir, 'mark')
    const { code, stderr } = await ssh(ada, command.replaceAll('MARK', mark))
    assert.equal(code, 1)
    assert.match(stderr, /only git push, git fetch and git clone|its path is the name of an app/)
    assert.equal(existsSync(mark), false)
  })
}

test('nothing is forwarded, and there is no terminal', async () => {
  const forward = await ssh(ada, '-o', 'ExitOnForwardFailure=yes', '-W', `127.0.0.1:${place.httpPort}`)
  assert.notEqual(forward.code, 0)
  const terminal = await ssh(ada, '-tt')
  assert.match(terminal.stderr, /PTY allocation request failed/)
})

test('sshd takes what it was told', async () => {
  const config = join(place.dir, 'data', 'ssh', 'sshd_config')
  const effective = await output(['/usr/sbin/sshd', '-T', '-f', config])
  for (const line of [
    'passwordauthentication no',
    'kbdinteractiveauthentication no',
    'permitemptypasswords no',
    'permituserenvironment no',
    'permituserrc no',
    'permittty no',
    'disableforwarding yes',
    'usepam no',
  ]) {
    assert.match(effective, new RegExp(`^${line}$`, 'm'))
  }
  assert.equal((await stat(config)).mode & 0o777, 0o600)
  assert.equal((await stat(join(place.dir, 'data', 'ssh', 'host_ed25519'))).mode & 0o777, 0o600)
})

/** Says a header to the server's socket, as somebody who got there without sshd or git. */
function say(fields: Readonly<Record<string, string>>): Promise<string> {
  const socket = connect(join(place.dir, 'run', 'git.sock'))
  socket.end(
    `${Object.entries(fields)
      .map(([name, value]) => `${name}=${value}\0`)
      .join('')}\0`,
  )
  let heard = ''
  socket.on('data', (data: Buffer) => {
    heard += data.toString('latin1')
  })
  return new Promise((resolve) => socket.on('close', () => resolve(heard)))
}

test('a hook without a push is refused', async () =>
  assert.match(await say({ kind: 'hook', push: 'guess' }), /you may not run this hook outside a push/))

test('a relay with an unknown key is refused', async () =>
  assert.match(await say({ kind: 'ssh', key: 'SHA256:x', command: "git-upload-pack 'blog'" }), /no valid credentials/))

test('an empty header and noise are survived', async () => {
  assert.match(await say({ kind: 'ssh' }), /no valid credentials/)
  assert.match(await say({}), /something broke on our side/)
  const socket = connect(join(place.dir, 'run', 'git.sock'))
  socket.on('error', () => undefined)
  socket.end(Buffer.alloc(200_000, 'x'))
  await new Promise((resolve) => socket.resume().on('close', resolve))
  assert.equal((await place.git(folder.path, ['ls-remote', place.sshUrl('blog')], ada)).code, 0)
})

for (const ref of ['refs/notes/commits', 'refs/pull/1/head', 'refs/heads/-x', 'refs/heads/HEAD', 'refs/berth/own']) {
  test(`${ref} is refused, and nothing moves`, async () => {
    assertRejected(await push('blog', ada, 'main:refs/heads/beside', `main:${ref}`), /ref "refs/)
    assert.doesNotMatch((await place.git(folder.path, ['ls-remote', place.sshUrl('blog')], ada)).stdout, /beside/)
  })
}

test('shell text in a branch name is only a name', async () => {
  const mark = join(place.dir, 'mark2')
  await push('blog', ada, `main:refs/heads/$(touch\${IFS}${mark});\`id\`&&'x"`)
  assert.equal(existsSync(mark), false)
})

/** A commit made of a tree that the usual commands would not make. */
async function commitOf(tree: string, blob = 'x') {
  const hashed = await run(['git', 'hash-object', '-w', '--stdin'], { cwd: folder.path, input: blob })
  const { stdout } = await run(['git', 'mktree', '-z'], {
    cwd: folder.path,
    input: tree.replaceAll('BLOB', hashed.stdout.trim()),
  })
  const commit = await place.git(folder.path, ['commit-tree', '-m', 'x', stdout.trim()])
  return commit.stdout.trim()
}

test('a tree that hides a .git folder is refused by git', async () => {
  const inner = await run(['git', 'hash-object', '-w', '--stdin'], {
    cwd: folder.path,
    input: '#!/bin/sh\ntouch /tmp/x\n',
  })
  const raw = await run(['git', 'mktree', '-z'], {
    cwd: folder.path,
    input: `100755 blob ${inner.stdout.trim()}\tpost-checkout\0`,
  })
  const commit = await commitOf(`040000 tree ${raw.stdout.trim()}\t.GIT\0`)
  assertRejected(await push('blog', ada, `${commit}:refs/heads/evil`), /hasDotgit|unpack|index-pack/)
})

test('.gitmodules that smuggle an option are refused by git', async () => {
  const blob = '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/x\n'
  const commit = await commitOf('100644 blob BLOB\t.gitmodules\0', blob)
  assertRejected(await push('blog', ada, `${commit}:refs/heads/evil`), /gitmodulesUrl/)
})

test('a pack over the limit is refused clearly', async () => {
  const noise = Array.from({ length: 3_000_000 }, () => String.fromCharCode(32 + Math.random() * 90)).join('')
  await writeFile(join(folder.path, 'noise'), noise)
  await folder.commit({}, 'Noise')
  assertRejected(await push('blog', ada), /pack exceeds maximum allowed size/)
  await place.git(folder.path, ['reset', '--hard', '--quiet', 'HEAD^'])
})

test('files that are small only while packed are refused clearly', async () => {
  await folder.commit({ zeros: '0'.repeat(4_000_000) }, 'Zeros')
  assertRejected(await push('blog', ada), /the files of this commit is larger than the limit of 3 MiB/)
  await place.git(folder.path, ['reset', '--hard', '--quiet', 'HEAD^'])
})

test('a tree that unfolds without end is refused in time', async () => {
  const blob = (await run(['git', 'hash-object', '-w', '--stdin'], { cwd: folder.path, input: 'x' })).stdout.trim()
  let tree = await mktree(Array.from({ length: 10 }, (_, i) => `100644 blob ${blob}\tf${i}\0`))
  for (let depth = 0; depth < 12; depth += 1) {
    tree = await mktree(Array.from({ length: 10 }, (_, i) => `040000 tree ${tree}\td${i}\0`))
  }
  const commit = (await place.git(folder.path, ['commit-tree', '-m', 'bomb', tree])).stdout.trim()
  const started = Date.now()
  assertRejected(await push('blog', ada, `+${commit}:refs/heads/main`), /larger than the limit of 500 files/)
  assert.ok(Date.now() - started < 30_000)
})

const mktree = async (entries: string[]) =>
  (await run(['git', 'mktree', '-z'], { cwd: folder.path, input: entries.join('') })).stdout.trim()

test('a commit without files is no app', async () => {
  const commit = await commitOf('')
  const result = await push('blog', ada, `+${commit}:refs/heads/main`)
  assert.equal(result.code, 0, 'an empty tree is for the build to judge')
})

test('who waits for a deploy while Berth stops is told how it goes on', async () => {
  const gate = Promise.withResolvers<undefined>()
  place.deployer.deploy = () => gate.promise
  await folder.commit({ 'index.html': 'late' })
  const pushing = push('blog', ada, '--force', 'main')
  await once(place.deployer.started, 'deploy')
  await place.stopFront()
  assertRejected(await pushing, /the control plane restarts; the deploy goes on \(berth operation follow [a-z0-9]+\)/)
  gate.resolve(undefined)
})

test('where Berth is not running, a push says so', async () => {
  assertRejected(await push('blog', ada), /control plane is not running. Apps keep serving; try again later/)
})

/** There once the machine was set up. */
const [, , uid, gid] = /^git:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? []
const separate = process.getuid?.() === 0 && uid !== undefined

test('sessions and git itself can belong to a user of their own', {
  skip: !separate && 'needs the git user',
}, async () => {
  const user = { name: 'git', uid: Number(uid), gid: Number(gid) }
  await using other = await gitPlace({ user })
  const bob = await other.person('bob', 'writers')
  await other.app('blog', 'writers')
  const { code, stderr } = await other.git(folder.path, ['push', other.sshUrl('blog'), 'main'], bob)
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /Could not chdir|warning/i)
  assert.equal((await stat(join(other.dir, 'data', 'git', 'blog.git', 'HEAD'))).uid, user.uid)
})
