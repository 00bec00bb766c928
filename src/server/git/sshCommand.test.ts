import assert from 'node:assert/strict'
import test from 'node:test'
import { parseSshCommand } from './sshCommand.ts'

const good: [string, string, string][] = [
  ["git-receive-pack '/blog.git'", 'receive-pack', 'blog'],
  ["git-receive-pack 'blog'", 'receive-pack', 'blog'],
  ["git upload-pack '/git/blog.git/'", 'upload-pack', 'blog'],
  ['git-upload-pack my-blog.git', 'upload-pack', 'my-blog'],
]
for (const [command, service, app] of good) {
  test(`${command} is understood`, () => assert.deepEqual(parseSshCommand(command), { service, app }))
}

const bad = [
  '',
  'ls',
  'sh -c id',
  'git-shell',
  "git-upload-archive '/blog.git'",
  "git-receive-pack '/blog.git'; touch /tmp/x",
  "git-receive-pack '/blog.git' && id",
  "git-receive-pack '--upload-pack=touch /tmp/x' 'blog'",
  "git-upload-pack '--upload-pack=touch /tmp/x'",
  "git-upload-pack --strict 'blog'",
  "git-upload-pack '../blog.git'",
  "git-upload-pack '/../../etc/passwd'",
  "git-upload-pack '/git/../blog.git'",
  "git-upload-pack '/var/lib/berth/git/blog.git'",
  "git-upload-pack '~root/blog.git'",
  "git-upload-pack 'blog'\\''.git'",
  "git-upload-pack '$(id)'",
  "git-upload-pack '`id`'",
  "git-upload-pack 'blog\n.git'",
  "git-upload-pack 'blog.git'\nid",
  "git-upload-pack 'BLOG.git'",
  "git-upload-pack ''",
  `git-upload-pack '${'a'.repeat(5_000)}'`,
  "scp -t '/blog.git'",
  "sftp-server 'x'",
]
for (const command of bad) {
  test(`${JSON.stringify(command.slice(0, 60))} is refused`, () =>
    assert.throws(() => parseSshCommand(command), /command|repository/))
}
