import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../store/store.ts'
import { freshUploads, removeOldUploads } from '../store/uploads.ts'
import type { Reconciler } from './keep.ts'

type Parts = { readonly store: Store; readonly uploadsDir: string; readonly repositoriesDir: string }

const dayMs = 24 * 60 * 60 * 1000
const youngMs = 60 * 60 * 1000

/** Removes uploads that nobody went on with, and what was fetched for apps that are gone. */
export const leftovers = ({ store, uploadsDir, repositoriesDir }: Parts): Reconciler => ({
  name: 'leftovers',
  topics: [],
  everyMs: 10 * 60 * 1000,
  async pass() {
    const before = new Date(Date.now() - dayMs).toISOString()
    await store.write([], (tx) => removeOldUploads(tx, before))
    await removeOthers(uploadsDir, await store.read((tx) => freshUploads(tx, before)))
    const apps = await store.read((tx) => tx.selectFrom('apps').select('id').execute())
    await removeOthers(repositoriesDir, new Set(apps.map(({ id }) => id)))
  },
})

/** What is being made right now may not have its row yet. */
async function removeOthers(folder: string, known: ReadonlySet<string>) {
  const found = await readdir(folder).catch(() => [])
  for (const name of found.filter((one) => !known.has(one))) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > youngMs) await rm(path, { recursive: true, force: true, maxRetries: 5 })
  }
}
