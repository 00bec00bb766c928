import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepositoryKind } from '../../model/repository.ts'
import { bzr } from './bzr.ts'
import { refuseFetch } from './client.ts'
import { git } from './git.ts'
import { hg } from './hg.ts'
import { openPlace, type Place, type Repository, type SourceSettings } from './place.ts'
import { svn } from './svn.ts'
import { type Found, looksLikeId, type Vcs } from './vcs.ts'

const systems: Readonly<Record<RepositoryKind, Vcs>> = { git, hg, svn, bzr }

type Asked = {
  readonly repository: Repository
  readonly settings: SourceSettings
  readonly signal: AbortSignal
}

/** The revision that the repository's ref has now; quick, and brings nothing. Throws FETCH_FAILED, INVALID, UNAVAILABLE. */
export const newestRevision = (asked: Asked): Promise<string> => within(asked, (place, vcs) => newest(place, vcs))

type Wanted = Asked & {
  /** Where source.tar goes. */
  readonly into: string
  readonly folder: string
  readonly since?: string | undefined
}

/** The newest files of a repository as <into>/source.tar, checked as those of a push are. */
export const fetchRepository = (wanted: Wanted): Promise<Found> =>
  within(wanted, async (place, vcs) => {
    const id = await newest(place, vcs)
    const wish = { id, since: wanted.since, folder: wanted.folder }
    const revision = await vcs.bring(place, wish)
    await mkdir(wanted.into, { recursive: true, mode: 0o700 })
    return { ...revision, warnings: await vcs.write(place, wish, wanted.into) }
  })

/** What changed since a revision; brings the newer one. Nothing when it cannot be told. */
export const changedSince = (asked: Asked, from: string, to: string): Promise<readonly string[] | undefined> =>
  within(asked, async (place, vcs) => {
    await vcs.bring(place, { id: to, folder: '' })
    return await vcs.changed(place, from, to)
  })

/** The cache and the host keys of an app, gone for good. */
export const forgetRepository = ({ dir }: Pick<SourceSettings, 'dir'>, appId: string) =>
  rm(join(dir, appId), { recursive: true, force: true, maxRetries: 5 })

async function newest(place: Place, vcs: Vcs): Promise<string> {
  const id = await vcs.newest(place)
  if (!looksLikeId(id)) throw new Error(`${place.repository.kind} gave no revision`)
  return id
}

/** One at a time per app: they share a cache. */
const turns = new Map<string, Promise<unknown>>()

async function within<T>(asked: Asked, work: (place: Place, vcs: Vcs) => Promise<T>): Promise<T> {
  const { appId } = asked.repository
  const before = turns.get(appId) ?? Promise.resolve()
  const mine = before.then(
    () => atWork(asked, work),
    () => atWork(asked, work),
  )
  turns.set(appId, mine)
  try {
    return await mine
  } finally {
    if (turns.get(appId) === mine) turns.delete(appId)
  }
}

async function atWork<T>({ repository, settings, signal }: Asked, work: (place: Place, vcs: Vcs) => Promise<T>) {
  signal.throwIfAborted()
  await using place = await openPlace(repository, settings, signal)
  try {
    return await work(place, systems[repository.kind])
  } catch (error) {
    signal.throwIfAborted()
    return refuseFetch(place, error)
  }
}
