import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { git } from './gitProcess.ts'
import { maintenance } from './maintenance.ts'

const { username: name, uid, gid } = userInfo()
const user = { name, uid, gid }

test('many packs become one, and their objects stay', async () => {
  const path = await mkdtemp(join(tmpdir(), 'berth-packs-'))
  await git(['init', '--quiet', '--bare', '--template=', path], { user })
  const ids = await Promise.all(Array.from({ length: 25 }, (_, i) => packOf(path, `content ${i}`)))
  const packs = async () =>
    (await readdir(join(path, 'objects', 'pack'))).filter((file) => file.endsWith('.pack')).length
  assert.equal(await packs(), 25)
  maintenance(user, new AbortController().signal).after({ app: 'blog', path })
  for (let tries = 0; tries < 1_200 && (await packs()) > 1; tries += 1) await sleep(50)
  assert.ok((await packs()) <= 1)
  for (const id of ids) assert.ok((await git(['cat-file', '-p', id], { user, cwd: path })).length > 0)
  await rm(path, { recursive: true })
})

/** A pack of its own with one blob that a tag keeps. */
async function packOf(path: string, content: string): Promise<string> {
  const inside = { user, cwd: path }
  const id = (await git(['hash-object', '-w', '--stdin'], { ...inside, input: content })).toString('utf8').trim()
  await git(['update-ref', `refs/tags/t${id}`, id], inside)
  await git(['pack-objects', '--quiet', 'objects/pack/pack'], { ...inside, input: `${id}\n` })
  await git(['prune-packed', '--quiet'], inside)
  return id
}
