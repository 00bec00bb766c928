import type { Readable } from 'node:stream'
import type { Engine } from '../../engine/engine.ts'
import { locks } from '../../lib/locks.ts'
import { log } from '../../lib/log.ts'
import { buildName } from '../../model/build.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import {
  hurryPackages,
  markOfPackage,
  markPackage,
  type NewPackage,
  type PackageKey,
  type PackageRow,
  packageFailed,
  packageStored,
  storedPackage,
  wantPackage,
} from '../store/packageRows.ts'
import type { Store } from '../store/store.ts'
import type { PackageImage, Storage } from './storage.ts'

export type KeeperParts = {
  readonly store: Store
  readonly engine: Engine
  readonly cluster: string
  /** None where images stay on this machine only. */
  readonly storage: Storage | undefined
  /** Throws DISK_LOW when nothing more should come to this machine. */
  readonly needRoom: (what: string) => Promise<void>
  /** How long storing may hold up a deploy. */
  readonly storeMs: number
}

export type KeepOrder = {
  readonly app: string
  readonly id: string
  readonly number: number
  readonly image: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

type Say = (line: string) => unknown

export type Keeper = ReturnType<typeof packageKeeper>

/** Images of builds, here and in a storage elsewhere. */
export function packageKeeper(parts: KeeperParts) {
  const { store, engine, cluster, storage } = parts
  const oneAtATime = locks()
  let troubled = false

  const imageOf = ({ app, image, build_id }: Pick<NewPackage, 'app' | 'image' | 'build_id'>): PackageImage => ({
    app,
    image,
    repository: `${cluster}/${app}`,
    tag: build_id,
  })
  const packageOf = (to: Storage, { app, id, number, image }: Omit<KeepOrder, 'log' | 'signal'>): NewPackage => {
    const reference = to.reference(imageOf({ app, image, build_id: id }))
    return { build_id: id, app, number, image, place: to.place, reference }
  }

  /** The row is there. What fails is noted in it, and thrown. */
  async function put(to: Storage, row: NewPackage, signal: AbortSignal): Promise<void> {
    try {
      const kept = await oneAtATime(
        row.reference,
        async () => {
          const image = imageOf(row)
          await engine.packages.tag(row.image, image.repository, image.tag)
          const left = await store.read((tx) => markOfPackage(tx, row))
          const mark = async (text: string) => void (await store.write([], (tx) => markPackage(tx, row, text)))
          return await to.put(image, { reference: row.reference, left, mark, signal })
        },
        signal,
      )
      await store.write('packages', async (tx) => {
        await packageStored(tx, row, kept)
        if (troubled) await hurryPackages(tx)
      })
      troubled = false
    } catch (error) {
      if (isCalledOff(signal)) throw error
      troubled = true
      await store.write([], (tx) => packageFailed(tx, row, messageOf(error), later(row)))
      throw error
    }
  }

  /** True when the image is on this machine, perhaps because it was fetched; false when it is nowhere. */
  async function bring(image: string, signal: AbortSignal, say: Say = () => undefined): Promise<boolean> {
    if (await engine.images.exists(image)) return true
    if (!storage) return false
    const row = await store.read((tx) => storedPackage(tx, storage.place, image))
    if (!row) return false
    await parts.needRoom(`the package of ${buildName(row.number)} is not fetched`)
    await say(`-----> Fetching the package of ${buildName(row.number)} from ${storage.place}`)
    const late = AbortSignal.timeout(mostFetchMs)
    const until = AbortSignal.any([signal, late])
    await oneAtATime(row.reference, () => storage.get(imageOf(row), row, until), until).catch((error) => {
      if (late.aborted && !signal.aborted) refuse('STEP_TIMEOUT', 'fetching the package', mostFetchMs / 1000)
      throw error
    })
    return (await engine.images.exists(image)) || refuse('UNAVAILABLE', storage.place, 'what it gave is another image')
  }

  return {
    ...parts,
    oneAtATime,
    put,
    bring,
    wanted: packageOf,

    /**
     * The step of a build. A storage that does not work never fails it, nor holds it up twice: the image is here, so the
     * deploy goes on, and the reconciler stores it later. Throws only when the signal fires.
     */
    async keep(order: KeepOrder): Promise<void> {
      if (!storage) return
      const row = packageOf(storage, order)
      await store.write([], (tx) => wantPackage(tx, row))
      if (troubled) return sayLater(order, 'the storage did not work lately')
      const late = AbortSignal.timeout(parts.storeMs)
      order.log(`-----> Storing the package at ${storage.place}`)
      try {
        await put(storage, row, AbortSignal.any([order.signal, late]))
      } catch (error) {
        if (order.signal.aborted) throw error
        log.warn({ error, build: order.id }, 'a package is not stored; it is tried again')
        sayLater(order, late.aborted ? `it took longer than ${parts.storeMs / 1000} s` : messageOf(error))
      }
    },

    /** Tries it; what waits for it to work need not wait longer. */
    async look(): Promise<{ readonly place: string | null; readonly problem: string | null }> {
      if (!storage) return { place: null, problem: null }
      const problem = await storage.check().then(
        () => null,
        (error: unknown) => messageOf(error),
      )
      if (problem === null && troubled) await store.write('packages', hurryPackages)
      troubled = problem !== null
      return { place: storage.place, problem }
    },

    /** The image as a tar file, from wherever it is; undefined when it is nowhere. */
    async open(build: Pick<KeepOrder, 'id' | 'app' | 'image'>, signal: AbortSignal): Promise<Readable | undefined> {
      const { image } = build
      const name = imageOf({ ...build, build_id: build.id })
      if (!(await engine.images.exists(image)) && storage?.read) {
        const row = await store.read((tx) => storedPackage(tx, storage.place, image))
        return row && storage.read(row, signal)
      }
      if (!(await bring(image, signal))) return undefined
      await engine.packages.tag(image, name.repository, name.tag)
      return await engine.packages.save(`${name.repository}:${name.tag}`, signal)
    },
  }
}

function sayLater({ log: say, number }: KeepOrder, reason: string): void {
  say(` !     The package is not stored yet: ${reason}`)
  say(
    ` !     The deploy goes on with the image on this machine; it is tried again (berth build show ${buildName(number)})`,
  )
}

/** By whoever asked, and not because it took too long. */
const isCalledOff = ({ aborted, reason }: AbortSignal) =>
  aborted && !(reason instanceof DOMException && reason.name === 'TimeoutError')

const messageOf = (error: unknown) => (error instanceof Refusal ? error.message : String(error)).slice(0, 500)

/** A storage that hangs must not hold up a rollback for ever. */
const mostFetchMs = 30 * 60 * 1000

const firstMs = 30_000
const mostMs = 60 * 60 * 1000

/** Ever more seldom, at last once an hour. */
export const later = ({ failures = 0 }: PackageKey & { readonly failures?: PackageRow['failures'] }) =>
  new Date(Date.now() + Math.min(firstMs * 2 ** failures, mostMs)).toISOString()
