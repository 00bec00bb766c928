import { eachAtOnce } from '../../lib/eachAtOnce.ts'
import { log } from '../../lib/log.ts'
import { labels } from '../../model/instance.ts'
import {
  buildsWithoutPackage,
  forgetPackage,
  isShared,
  type PackageRow,
  packageFailed,
  packagesDue,
  retireStored,
  servingImages,
  wantPackage,
} from '../store/packageRows.ts'
import { type Keeper, later } from './keeper.ts'
import type { Storage } from './storage.ts'

/** A storage that hangs must not hold up all the others for ever. */
const mostPutMs = 60 * 60 * 1000

/** Brings the storage to what the store says. */
export const storedPackages = (keeper: Keeper) => ({
  name: 'packages',
  topics: ['packages'] as const,
  everyMs: 30_000,
  async pass(signal: AbortSignal) {
    const { store, storage } = keeper
    if (!storage) return
    await store.write([], (tx) => retireStored(tx))
    await wantMissing(keeper, storage)
    for (const row of await store.read(packagesDue)) {
      if (signal.aborted) return
      await settle(keeper, storage, row, signal).catch((error) => {
        if (!signal.aborted)
          log.warn({ error, package: row.reference, state: row.state }, 'not done; it is tried again')
      })
    }
    await storage.tidy?.(signal)
  },
})

/** What was built before there was a storage, or while there was another one. An image that is not here cannot be put. */
async function wantMissing({ store, engine, wanted }: Keeper, storage: Storage) {
  for (const build of await store.read((tx) => buildsWithoutPackage(tx, storage.place))) {
    if (!(await engine.images.exists(build.image))) continue
    await store.write([], (tx) => wantPackage(tx, wanted(storage, build)))
  }
}

async function settle(keeper: Keeper, storage: Storage, row: PackageRow, signal: AbortSignal): Promise<void> {
  if (row.place !== storage.place) return await leave(keeper, row)
  if (row.state === 'removing') return await remove(keeper, storage, row)
  if (!(await keeper.engine.images.exists(row.image))) return await leave(keeper, row)
  await keeper.put(storage, row, AbortSignal.any([signal, AbortSignal.timeout(mostPutMs)]))
  log.info({ package: row.reference, app: row.app, build: row.number }, 'package stored')
}

/** Its storage is not ours any more, or what should be stored is gone. */
async function leave({ store }: Keeper, row: PackageRow) {
  await store.write([], (tx) => forgetPackage(tx, row))
  log.warn({ package: row.reference, place: row.place }, 'forgotten; what is there of it, stays there')
}

/** The same image may be a package of other builds: then only the row goes. */
async function remove({ store, oneAtATime }: Keeper, storage: Storage, row: PackageRow): Promise<void> {
  try {
    await oneAtATime(row.reference, async () => {
      if (!(await store.read((tx) => isShared(tx, row)))) await storage.remove(row)
      await store.write([], (tx) => forgetPackage(tx, row))
    })
    log.info({ package: row.reference, app: row.app, build: row.number }, 'package removed')
  } catch (error) {
    await store.write([], (tx) => packageFailed(tx, row, String(error).slice(0, 500), later(row)))
    throw error
  }
}

const fetchedAtOnce = 3

/**
 * Brings back to this machine what has to run and is not here: after a loss of the Engine's data, or on another machine.
 * Swarm starts the instances as soon as the image is here. Apart from the putting, which may take hours.
 */
export const servingPackages = (keeper: Keeper) => ({
  name: 'serving packages',
  topics: ['packages'] as const,
  everyMs: 30_000,
  async pass(signal: AbortSignal) {
    if (keeper.storage) await bringBack(keeper, signal)
  },
})

async function bringBack({ store, engine, cluster, bring }: Keeper, signal: AbortSignal) {
  const here = new Set((await engine.images.list(`${labels.cluster}=${cluster}`)).map(({ id }) => id))
  const missing = (await store.read(servingImages)).filter((image) => !here.has(image))
  const fetch = async (image: string) => {
    if (signal.aborted || (await engine.images.exists(image))) return
    const found = await bring(image, signal).catch((error) => log.warn({ error, image }, 'not brought back'))
    if (found) log.info({ image }, 'an image that serves is on this machine again')
  }
  await eachAtOnce(missing, fetch, fetchedAtOnce)
}
