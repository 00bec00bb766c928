import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../engine/engine.ts'
import { log } from '../../lib/log.ts'
import { labels } from '../../model/instance.ts'
import { openOperations } from '../store/operations.ts'
import { neededImages, retirePackages } from '../store/packages.ts'
import type { ReadTx, Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

type Parts = {
  readonly store: Store
  readonly engine: Engine
  readonly cluster: string
  readonly buildsDir: string
  /** Packages per app that stay whatever refers to them. */
  readonly keepBuilds: number
}

const hourMs = 60 * 60 * 1000

/** Removes what nothing refers to any more: sources and containers of ended operations, and images that we made. */
export const reaper = ({ store, engine, cluster, buildsDir, keepBuilds }: Parts): Reconciler => ({
  name: 'reaper',
  topics: ['packages'],
  everyMs: 10 * 60 * 1000,
  async pass() {
    await removeSources(store, buildsDir)
    await removeContainers(store, engine, cluster)
    await store.write([], (tx) => retirePackages(tx, keepBuilds))
    await removeImages(store, engine, cluster)
  },
})

/** A source whose operation is being queued right now has no row yet, so only those older than an hour go. */
async function removeSources(store: Store, buildsDir: string) {
  const found = await readdir(buildsDir).catch(() => [])
  const open = new Set((await store.read(openOperations)).map(({ id }) => id))
  for (const id of found.filter((name) => !open.has(name))) {
    const folder = join(buildsDir, id)
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > hourMs) await rm(folder, { recursive: true, force: true })
  }
}

/** Throw-away containers that a killed server left behind. An operation has its row before it has a container. */
async function removeContainers(store: Store, engine: Engine, cluster: string) {
  const ids = await engine.containers.ids(`${labels.cluster}=${cluster}`, labels.operation)
  const found = await Promise.all(ids.map((id) => engine.containers.inspect(id)))
  const open = new Set((await store.read(openOperations)).map(({ id }) => id))
  for (const container of found.filter((one) => one !== undefined).filter((one) => !one.labels[labels.set])) {
    const operation = container.labels[labels.operation] ?? ''
    if (open.has(operation)) continue
    await engine.containers.remove(container.id)
    log.info({ container: container.id, operation }, 'container removed: its operation is over')
  }
}

/** The images are listed before the store is read, so that one which is built meanwhile cannot be taken for garbage. */
async function removeImages(store: Store, engine: Engine, cluster: string) {
  const found = await engine.images.list(`${labels.cluster}=${cluster}`, labels.app)
  const { kept, busy } = await store.read(async (tx) => ({ kept: await neededImages(tx), busy: await busyApps(tx) }))
  const idle = (tag: string) => !busy.some((app) => tag.startsWith(`${cluster}/${app}:`))
  const tags = found.filter(({ id }) => !kept.has(id)).flatMap((image) => image.tags)
  let left = 0
  for (const tag of tags.filter(idle)) {
    if (await engine.images.remove(tag))
      log.info({ image: tag }, 'image removed: no build or release that is kept refers to it')
    else left++
  }
  if (left > 0) setTimeout(() => lookAgain(store), againMs).unref()
}

/** Instances of an old release that end just now still use its image. */
const againMs = 15_000
const lookAgain = (store: Store) => void store.write('packages', async () => undefined).catch(() => undefined)

const busyApps = async (tx: ReadTx) =>
  (await openOperations(tx)).filter(({ kind }) => kind !== 'run').map(({ app }) => app)
