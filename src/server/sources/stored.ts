import { dirname } from 'node:path'
import { repositoryUrl } from '../../model/repository.ts'
import type { Source } from '../../model/source.ts'
import type { Cipher } from '../store/cipher.ts'
import { deployKeyOf, noteCheck, type SourceRow, sourceOf } from '../store/sources.ts'
import type { ReadTx, Store } from '../store/store.ts'
import type { Repository, SourceSettings } from './place.ts'
import { fetchRepository } from './repository.ts'
import type { Revision } from './vcs.ts'

type OfRepository = Extract<Source, { kind: 'repository' }>

type Order = {
  readonly appId: string
  /** Where the tar file of the tree goes. */
  readonly path: string
  readonly since: string | null
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

type Parts = { readonly store: Store; readonly settings: SourceSettings }

/** Fetches what a deploy names, with what the app's source has to open it. */
export const repositoryFetcher =
  ({ store, settings }: Parts) =>
  async (source: OfRepository, order: Order): Promise<Omit<Revision, 'id'> & { readonly revision: string }> => {
    const { repository, folder } = await store.read((tx) => read(tx, store.cipher, order.appId, source))
    order.log(`-----> Fetching ${source.url}`)
    const into = dirname(order.path)
    const { id, warnings, ...found } = await fetchRepository({
      repository,
      settings,
      signal: order.signal,
      into,
      folder,
      since: order.since ?? undefined,
    })
    order.log(`       ${id.slice(0, 12)} ${found.message}${folder === '' ? '' : ` (folder ${folder})`}`)
    for (const warning of warnings) order.log(` !     ${warning}`)
    await note(store, order.appId, source, id)
    return { ...found, revision: id }
  }

async function read(tx: ReadTx, cipher: Cipher, appId: string, source: OfRepository) {
  const row = await sourceOf(tx, appId)
  const app = await tx.selectFrom('apps').select('folder').where('id', '=', appId).executeTakeFirstOrThrow()
  const asked = { app_id: appId, kind: source.vcs, url: source.url, ref: source.ref }
  const secret = row?.url === source.url ? row.secret : null
  return { repository: await repositoryOf(tx, cipher, { ...asked, secret }), folder: app.folder }
}

type Stored = Pick<SourceRow, 'app_id' | 'kind' | 'url' | 'ref' | 'secret'>

/** A stored source with its secrets open. */
export async function repositoryOf(tx: ReadTx, cipher: Cipher, row: Stored): Promise<Repository> {
  const key = await deployKeyOf(tx, row.app_id)
  return {
    appId: row.app_id,
    kind: row.kind,
    url: repositoryUrl(row.url).url,
    ref: row.ref,
    ...(row.secret !== null && { password: cipher.open(row.secret) }),
    ...(key && { privateKey: cipher.open(key.private_key) }),
  }
}

/** What was just fetched is not news to the poll. */
const note = (store: Store, appId: string, { url, ref }: OfRepository, revision: string) =>
  store.write('apps', async (tx) => {
    const row = await sourceOf(tx, appId)
    if (row?.url === url && row.ref === ref)
      await noteCheck(tx, appId, { revision, failures: 0, quiet_looks: 0, error: null })
  })
