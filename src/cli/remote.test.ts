import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { output } from '../lib/exec.ts'
import { addRemote, appOfRemote, isWorkTree, remoteUrl } from './remote.ts'

const names = (url: string, app: string | undefined) =>
  test(`${url} is ${app}`, () => assert.equal(appOfRemote(url), app))

names('ssh://git@example.com:2222/blog.git', 'blog')
names('ssh://git@[::1]:2222/blog.git', 'blog')
names('ssh://git@example.com/blog', 'blog')
names('git@example.com:blog', 'blog')
names('git@example.com:blog.git', 'blog')
names('git@example.com:/blog.git', 'blog')
names('http://berth.localhost/git/my-blog.git', 'my-blog')
names('https://ada:token@berth.example.com/git/blog.git/', 'blog')
names('/srv/git/blog.git', undefined)
names('git@example.com:../x y', undefined)
names('ssh://git@example.com', undefined)
names('', undefined)

test('reads and adds the remote of a work tree', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-remote-'))
  try {
    assert.equal(await isWorkTree(folder), false)
    await output(['git', 'init', '-q', folder])
    assert.equal(await isWorkTree(folder), true)
    assert.equal(await remoteUrl(folder), undefined)
    assert.equal(await addRemote(folder, 'git@example.com:blog.git'), true)
    assert.equal(await remoteUrl(folder), 'git@example.com:blog.git')
    assert.equal(await addRemote(folder, 'git@example.com:other.git'), false)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a folder that is not there has no remote', async () => {
  assert.equal(await remoteUrl('/nowhere/at/all'), undefined)
})
