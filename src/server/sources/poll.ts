import { eachAtOnce } from '../../lib/eachAtOnce.ts'
import { log } from '../../lib/log.ts'
import { Refusal } from '../../model/refusal.ts'
import { concerns } from '../../model/watch.ts'
import { openOperations, requestOperation } from '../store/operations.ts'
import { deployOf, dueSources, noteCheck, type SourceRow, sourceOf, watchOf } from '../store/sources.ts'
import type { Store, WriteTx } from '../store/store.ts'
import { nextLook } from './nextLook.ts'
import type { Repository, SourceSettings } from './place.ts'
import { changedSince, newestRevision } from './repository.ts'
import { repositoryOf } from './stored.ts'

type Parts = { readonly store: Store; readonly settings: SourceSettings }

/** What was seen in this pass of repositories that open for everybody: others ask for the same. */
type Seen = Map<string, Promise<string>>

const atOnce = 3

/** Looks at repositories whose time has come, and deploys what is new in them. */
export const pollSources = (parts: Parts) => ({
  name: 'sources',
  topics: ['apps'] as const,
  everyMs: 5_000,
  async pass(signal: AbortSignal) {
    const due = await parts.store.read((tx) => dueSources(tx, new Date().toISOString(), 50))
    const seen: Seen = new Map()
    await eachAtOnce(due, (row) => look({ ...parts, seen }, row, signal), atOnce)
  },
})

async function look(parts: Parts & { readonly seen: Seen }, row: SourceRow, signal: AbortSignal) {
  try {
    const found = await newsOf(parts, row, signal)
    await parts.store.write(['operations'], (tx) => act(tx, row, found))
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof Refusal)) log.error({ error, app: row.app_id }, 'a source cannot be looked at')
    const text = error instanceof Refusal ? error.message : 'something broke on our side; see the server’s log'
    const failures = row.failures + 1
    await parts.store.write([], async (tx) => {
      const next_check_at = nextOf(row, { ...((await sourceOf(tx, row.app_id)) ?? row), failures })
      await noteCheck(tx, row.app_id, { failures, error: text, next_check_at })
    })
  }
}

type News = { readonly revision: string; readonly deploys: boolean }

async function newsOf(
  { store, settings, seen }: Parts & { readonly seen: Seen },
  row: SourceRow,
  signal: AbortSignal,
): Promise<News> {
  const { repository, watch } = await store.read(async (tx) => {
    const app = await tx.selectFrom('apps').selectAll().where('id', '=', row.app_id).executeTakeFirstOrThrow()
    return { repository: await repositoryOf(tx, store.cipher, row), watch: watchOf(app) }
  })
  const asked = { repository, settings, signal }
  const revision = await shared(seen, repository, () => newestRevision(asked))
  if (row.revision?.startsWith(revision)) return { revision: row.revision, deploys: false }
  if (row.revision === null || watch.length === 0) return { revision, deploys: true }
  const paths = await changedSince(asked, row.revision, revision)
  return { revision, deploys: paths === undefined || concerns(watch, paths) }
}

function shared(seen: Seen, { kind, url, ref, password }: Repository, look: () => Promise<string>): Promise<string> {
  if (password !== undefined || !url.scheme.startsWith('http')) return look()
  const key = JSON.stringify([kind, url, ref])
  const found = seen.get(key) ?? look()
  seen.set(key, found)
  return found
}

/** A deploy that waits or runs fetches what is newest by itself; what came after it is seen the next time. */
async function act(tx: WriteTx, looked: SourceRow, { revision, deploys }: News) {
  const row = await sourceOf(tx, looked.app_id)
  if (row?.url !== looked.url || row.ref !== looked.ref) return
  const open = (await openOperations(tx)).some(({ app_id, kind }) => app_id === row.app_id && kind === 'deploy')
  const known = deploys && open ? row.revision : revision
  const quiet_looks = known === row.revision && !open ? row.quiet_looks + 1 : 0
  const next_check_at = nextOf(looked, { ...row, failures: 0, quiet_looks })
  const change = { revision: known, failures: 0, error: null, quiet_looks, next_check_at }
  await noteCheck(tx, row.app_id, change)
  if (!deploys || open) return
  const app = await tx.selectFrom('apps').selectAll().where('id', '=', row.app_id).executeTakeFirstOrThrow()
  if (!app.destroying) await requestOperation(tx, app, deployOf(row), 'poll')
}

/** Who asked for a look while this one was under way, gets another. */
const nextOf = (looked: SourceRow, row: SourceRow) =>
  row.next_check_at === looked.next_check_at ? nextLook(row) : row.next_check_at
