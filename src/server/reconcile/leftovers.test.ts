import assert from 'node:assert/strict'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startApi } from '../../../test/harness/api.ts'
import { addUpload } from '../store/uploads.ts'
import { leftovers } from './leftovers.ts'

const hour = 3_600_000
const ago = (ms: number) => new Date(Date.now() - ms)

test('uploads that nobody goes on with go, and so does what was fetched for apps that are gone', async () => {
  await using api = await startApi()
  const { id: appId } = await api.app()
  const [uploadsDir, repositoriesDir] = [join(api.dir, 'uploads'), join(api.dir, 'repositories')]
  for (const folder of [uploadsDir, repositoriesDir, join(repositoriesDir, appId), join(repositoriesDir, 'gone')])
    await mkdir(folder, { recursive: true })
  const upload = async (id: string, created: Date) => {
    const row = { id, app_id: appId, user_id: api.people.member.id, size: 1, type: 'tar' }
    await api.store.write([], (tx) => addUpload(tx, { ...row, created_at: created.toISOString() }))
  }
  await upload('stale', ago(25 * hour))
  await upload('fresh', ago(2 * hour))
  for (const name of ['stale', 'fresh', 'orphan', 'young']) await writeFile(join(uploadsDir, name), 'x')
  for (const name of ['stale', 'fresh', 'orphan']) await utimes(join(uploadsDir, name), ago(2 * hour), ago(2 * hour))
  for (const name of [appId, 'gone']) await utimes(join(repositoriesDir, name), ago(2 * hour), ago(2 * hour))
  await leftovers({ store: api.store, uploadsDir, repositoriesDir }).pass(new AbortController().signal)
  assert.deepEqual((await readdir(uploadsDir)).sort(), ['fresh', 'young'])
  assert.deepEqual(await readdir(repositoriesDir), [appId])
  const rows = await api.store.read((tx) => tx.selectFrom('uploads').select('id').execute())
  assert.deepEqual(
    rows.map(({ id }) => id),
    ['fresh'],
  )
})
