import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../engine/engine.ts'
import { log } from '../../lib/log.ts'
import { labels } from '../../model/instance.ts'
import { openOperations } from '../store/operations.ts'
import type { ReadTx, Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

type Parts = { readonly store: Store; readonly engine: Engine; readonly cluster: string; readonly buildsDir: string }

/** Releases per app whose image is kept, for rollback. */
const keptReleases = 10
const hourMs = 60 * 60 * 1000

/** Removes what nothing refers to any more: kept sources of ended operations, and images that we made. */
export const reaper = ({ store, engine, cluster, buildsDir }: Parts): Reconciler => ({
  name: 'reaper',
  topics: [],
  everyMs: 10 * 60 * 1000,
  async pass() {
    const { open, images } = await store.read(async (tx) => ({
      open: (await openOperations(tx)).map(({ id }) => id),
      images: await keptImages(tx),
    }))
    await removeSources(buildsDir, new Set(open))
    if (open.length === 0) await removeImages(engine, cluster, images)
  },
})

/** A source whose operation is being queued right now has no row yet, so only those older than an hour go. */
async function removeSources(buildsDir: string, open: ReadonlySet<string>) {
  const found = await readdir(buildsDir).catch(() => [])
  for (const id of found.filter((name) => !open.has(name))) {
    const folder = join(buildsDir, id)
    const { mtimeMs } = await stat(folder)
    if (Date.now() - mtimeMs > hourMs) await rm(folder, { recursive: true, force: true })
  }
}

async function keptImages(tx: ReadTx): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom('releases').select(['app_id', 'number', 'image', 'state']).execute()
  const kept = [...Map.groupBy(rows, ({ app_id }) => app_id).values()].flatMap((releases) => {
    const newest = releases.toSorted((a, b) => b.number - a.number)
    return newest.filter(({ state }, at) => state === 'live' || at < keptReleases)
  })
  return new Set(kept.map(({ image }) => image))
}

async function removeImages(engine: Engine, cluster: string, kept: ReadonlySet<string>) {
  const ofApps = await engine.images.list(`${labels.cluster}=${cluster}`, labels.app)
  for (const tag of ofApps.filter(({ id }) => !kept.has(id)).flatMap(({ tags }) => tags)) {
    if (await engine.images.remove(tag)) log.info({ image: tag }, 'image removed: no kept release refers to it')
  }
}
