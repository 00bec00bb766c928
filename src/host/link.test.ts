import assert from 'node:assert/strict'
import { mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { linkFrom } from './link.ts'

const dir = await mkdtemp(join(tmpdir(), 'berth-link-'))
after(() => rm(dir, { recursive: true, force: true }))
const target = join(dir, 'berth')
await writeFile(target, 'the command')

test('a link is made, with the folder for it', async () => {
  const link = join(dir, 'bin/berth')
  linkFrom(link, target)
  assert.equal(await readlink(link), target)
})

test('a link that leads nowhere is replaced', async () => {
  const link = join(dir, 'dangling')
  await symlink(join(dir, 'moved/away'), link)
  linkFrom(link, target)
  assert.equal(await readlink(link), target)
})

test("a link that leads somewhere stays, and so does somebody else's file", async () => {
  const [link, file, other] = [join(dir, 'link'), join(dir, 'file'), join(dir, 'other')]
  for (const path of [file, other]) await writeFile(path, 'theirs')
  await symlink(other, link)
  for (const path of [link, file]) linkFrom(path, target)
  assert.deepEqual([await readlink(link), await readFile(file, 'utf8')], [other, 'theirs'])
})
