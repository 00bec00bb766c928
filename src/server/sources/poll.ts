import { eachAtOnce } from '../../lib/eachAtOnce.ts'
import { log } from '../../lib/log.ts'
import { Refusal } from '../../model/refusal.ts'
import { concerns } from '../../model/watch.ts'
import { openOperations, requestOperation } from '../store/operations.ts'
import { deployOf, dueSources, noteCheck, type SourceRow, sourceOf, watchOf } from '../store/sources.ts'
import type { Store, WriteTx } from '../store/store.ts'
import type { SourceSettings } from './place.ts'
import { changedSince, newestRevision } from './repository.ts'
import { repositoryOf } from './stored.ts'

type Parts = { readonly store: Store; readonly settings: SourceSettings }

const atOnce = 3
const longestMs = 60 * 60 * 1000

/** Looks at repositories whose time has come, and deploys what is new in them. */
export const pollSources = (parts: Parts) => ({
  name: 'sources',
  topics: ['apps'] as const,
  everyMs: 5_000,
  async pass(signal: AbortSignal) {
    const due = await parts.store.read((tx) => dueSources(tx, new Date().toISOString(), 50))
    await eachAtOnce(due, (row) => look(parts, row, signal), atOnce)
  },
})

async function look(parts: Parts, row: SourceRow, signal: AbortSignal) {
  try {
    const found = await newsOf(parts, row, signal)
    await parts.store.write(['operations'], (tx) => act(tx, row, found))
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof Refusal)) log.error({ error, app: row.app_id }, 'a source cannot be looked at')
    const text = error instanceof Refusal ? error.message : 'something broke on our side; see the server’s log'
    const failures = row.failures + 1
    const change = { failures, error: text, next_check_at: nextLook(row, failures) }
    await parts.store.write([], (tx) => noteCheck(tx, row.app_id, change))
  }
}

type News = { readonly revision: string; readonly deploys: boolean }

async function newsOf({ store, settings }: Parts, row: SourceRow, signal: AbortSignal): Promise<News> {
  const { repository, watch } = await store.read(async (tx) => {
    const app = await tx.selectFrom('apps').selectAll().where('id', '=', row.app_id).executeTakeFirstOrThrow()
    return { repository: await repositoryOf(tx, store.cipher, row), watch: watchOf(app) }
  })
  const asked = { repository, settings, signal }
  const revision = await newestRevision(asked)
  if (row.revision?.startsWith(revision)) return { revision: row.revision, deploys: false }
  if (row.revision === null || watch.length === 0) return { revision, deploys: true }
  const paths = await changedSince(asked, row.revision, revision)
  return { revision, deploys: paths === undefined || concerns(watch, paths) }
}

/** A deploy that waits or runs fetches what is newest by itself; what came after it is seen the next time. */
async function act(tx: WriteTx, looked: SourceRow, { revision, deploys }: News) {
  const row = await sourceOf(tx, looked.app_id)
  if (row?.url !== looked.url || row.ref !== looked.ref) return
  const open = (await openOperations(tx)).some(({ app_id, kind }) => app_id === row.app_id && kind === 'deploy')
  const known = deploys && open ? row.revision : revision
  const change = { revision: known, failures: 0, error: null, next_check_at: nextLook(row, 0) }
  await noteCheck(tx, row.app_id, change)
  if (!deploys || open) return
  const app = await tx.selectFrom('apps').selectAll().where('id', '=', row.app_id).executeTakeFirstOrThrow()
  if (!app.destroying) await requestOperation(tx, app, deployOf(row), 'poll')
}

/** Not all at one moment, and ever more seldom where it fails. One that was only asked for once waits for the next word. */
function nextLook({ poll_seconds }: SourceRow, failures: number): string | null {
  if (poll_seconds === null) return null
  const ms = poll_seconds * 1000
  const patient = Math.max(ms, Math.min(ms * 2 ** failures, longestMs))
  return new Date(Date.now() + patient * (0.9 + Math.random() * 0.2)).toISOString()
}
