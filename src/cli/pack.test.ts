import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, test } from 'node:test'
import { output } from '../lib/exec.ts'
import { pack, pathsIn } from './pack.ts'

let base: string
let folder: string

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'berth-pack-test-'))
  folder = join(base, 'app')
  await mkdir(folder)
})
afterEach(() => rm(base, { recursive: true }))

const put = async (path: string, text = 'x') => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
const git = (...args: string[]) => output(['git', '-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args])
const paths = async () => (await pathsIn(folder)).sort()

/** What the tar program of this machine makes of it. */
async function unpacked(): Promise<string> {
  const target = join(base, 'out')
  await mkdir(target)
  await pipeline(await pack(folder), createWriteStream(join(base, 'out.tgz')))
  await output(['tar', '-xzf', join(base, 'out.tgz'), '-C', target])
  return target
}

test('in a work tree: what git sees, changed or new, and not what it ignores', async () => {
  await git('init', '-q')
  for (const path of ['kept.txt', 'gone.txt', '.gitignore', 'node_modules/x.js', 'new.txt', 'odd "name"\n.txt'])
    await put(path)
  await put('.gitignore', 'node_modules\n')
  await git('add', 'kept.txt', 'gone.txt', '.gitignore')
  await rm(join(folder, 'gone.txt'))
  assert.deepEqual(await paths(), ['.gitignore', 'kept.txt', 'new.txt', 'odd "name"\n.txt'])
})

test('a folder inside a work tree is packed alone', async () => {
  await git('init', '-q')
  await put('outer.txt')
  await put('site/index.html')
  folder = join(folder, 'site')
  assert.deepEqual(await paths(), ['index.html'])
})

test('a folder of built files that the repository ignores is packed whole', async () => {
  await git('init', '-q')
  for (const path of ['dist/index.html', 'dist/x.js']) await put(path)
  await put('.gitignore', 'dist/\n*.js\n')
  folder = join(folder, 'dist')
  assert.deepEqual(await paths(), ['index.html', 'x.js'])
})

test('without git: all but .git, less what .berthignore names', async () => {
  for (const path of ['a.txt', 'sub/b.txt', 'sub/.git/config', 'tmp/c.log', 'keep.log']) await put(path)
  assert.deepEqual(await paths(), ['a.txt', 'keep.log', 'sub/b.txt', 'tmp/c.log'])
  await put('.berthignore', '*.log\n!keep.log\n')
  assert.deepEqual(await paths(), ['.berthignore', 'a.txt', 'keep.log', 'sub/b.txt'])
})

test('.berthignore leaves out what git has, too', async () => {
  await git('init', '-q')
  for (const path of ['a.txt', 'docs/big.pdf']) await put(path)
  await put('.berthignore', 'docs\n')
  await git('add', '.')
  assert.deepEqual(await paths(), ['.berthignore', 'a.txt'])
})

test('content, modes, long names and links arrive as they are', async () => {
  const long = `${'deep/'.repeat(30)}${'n'.repeat(120)}-é.txt`
  await put(long, 'long')
  await put('run.sh', '#!/bin/sh\n')
  await put('empty', '')
  await put('big', 'b'.repeat(100_001))
  await chmod(join(folder, 'run.sh'), 0o755)
  await symlink('run.sh', join(folder, 'link'))
  await symlink(`${'x'.repeat(130)}`, join(folder, 'dangling'))
  const out = await unpacked()
  assert.equal(await readFile(join(out, long), 'utf8'), 'long')
  assert.equal((await stat(join(out, 'run.sh'))).mode & 0o777, 0o755)
  assert.equal((await stat(join(out, 'empty'))).size, 0)
  assert.equal((await stat(join(out, 'big'))).size, 100_001)
  assert.equal(await readlink(join(out, 'link')), 'run.sh')
  assert.equal(await readlink(join(out, 'dangling')), 'x'.repeat(130))
})

test('a tracked folder that became a link out of the tree is not followed', async () => {
  await git('init', '-q')
  await put('conf/secret.txt', 'mine')
  await put('a.txt')
  await git('add', '.')
  await rename(join(folder, 'conf'), join(base, 'elsewhere'))
  await symlink('../elsewhere', join(folder, 'conf'))
  await unpacked()
  assert.deepEqual((await output(['tar', '-tzf', join(base, 'out.tgz')])).trim().split('\n'), ['a.txt', 'conf'])
})

test('a folder with nothing in it, or none, or a file is refused', async () => {
  await assert.rejects(pack(folder), /has no files to deploy/)
  await assert.rejects(pack(join(folder, 'none')), /no such folder/)
  await assert.rejects(pack(import.meta.filename), /is no folder/)
})
