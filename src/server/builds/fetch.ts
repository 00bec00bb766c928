import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { tarEnd } from '../../lib/tarHeader.ts'
import { buildName } from '../../model/build.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import type { Source, SourceKind } from '../../model/source.ts'
import type { KeptSources } from './keptSources.ts'
import type { Fetched, FetchOrder, FetchSource } from './parts.ts'

type Of<K extends SourceKind> = Extract<Source, { kind: K }>

/** Fetches one kind of source. */
export type Fetcher<K extends SourceKind> = (source: Of<K>, order: FetchOrder) => Promise<Fetched>

/** Those that reach out for what is elsewhere. */
export type Fetchers = { readonly [K in 'repository' | 'image' | 'release' | 'branch']: Fetcher<K> }

/** Gets the tree of a build to `order.path`, from wherever it comes. */
export const fetchWith = (fetchers: Fetchers, kept: KeptSources): FetchSource => {
  const again: Fetcher<'build'> = async (source, order) => {
    const fromKept = kept.unpack(order.app, source.number, order.path)
    await (source.origin ? fromKept.catch((error) => fromOrigin(fetchers, source, order, error)) : fromKept)
    return {}
  }
  return async (order) => {
    const { source } = order
    switch (source.kind) {
      case 'git':
      case 'upload':
        return await alreadyThere(order)
      case 'metadata':
        return await nothing(order)
      case 'build':
        return await again(source, order)
      case 'repository':
        return await fetchers.repository(source, order)
      case 'image':
        return await fetchers.image(source, order)
      case 'release':
        return await fetchers.release(source, order)
      case 'branch':
        return await fetchers.branch(source, order)
    }
  }
}

/** The record knows already what revision it is; where it cannot be had, that it is gone is what people have to know. */
async function fromOrigin(fetchers: Fetchers, { number, origin }: Of<'build'>, order: FetchOrder, error: unknown) {
  if (!origin || !(error instanceof Refusal) || error.code !== 'SOURCE_GONE') throw error
  order.log(`       the source of ${buildName(number)} is no longer kept: taking its commit from the repository`)
  try {
    if (origin.kind === 'branch') await fetchers.branch(origin, order)
    else await fetchers.repository(origin, order)
  } catch (reason) {
    if (!(reason instanceof Refusal) || reason.code !== 'FETCH_FAILED') throw reason
    order.log(` !     ${reason.message}`)
    throw error
  }
}

async function alreadyThere({ path }: FetchOrder): Promise<Fetched> {
  const found = await stat(path).catch(() => undefined)
  return found ? {} : refuse('SOURCE', 'its files are no longer on this machine; deploy it again')
}

/** The build itself fetches what the app's metadata say. */
async function nothing({ path }: FetchOrder): Promise<Fetched> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, tarEnd, { mode: 0o600 })
  return {}
}

/** For where nothing can be fetched. */
export const noFetchers: Fetchers = {
  repository: async () => refuse('SOURCE', 'repositories elsewhere cannot be fetched here'),
  image: async () => refuse('SOURCE', 'ready-made images cannot be fetched here'),
  release: async () => refuse('SOURCE', 'releases of other apps cannot be taken here'),
  branch: async () => refuse('SOURCE', 'branches of other apps cannot be taken here'),
}
