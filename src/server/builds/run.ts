import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buildName, mostAttempts, ownSteps } from '../../model/build.ts'
import type { Built, RevisionFound } from '../../model/release.ts'
import { noteFound, type Success } from '../store/buildQueue.ts'
import { newestSuccess, sourceOfBuild } from '../store/builds.ts'
import { variablesOf } from '../store/env.ts'
import type { Attempt } from './attempt.ts'
import { detailsOf } from './details.ts'
import { withEngine } from './engineWatch.ts'
import type { Fetched } from './parts.ts'
import { within } from './steps.ts'

/** Fetch, build, store: from where the source is to a package. */
export async function throughSteps(attempt: Attempt): Promise<Success> {
  sayAgain(attempt)
  const fetched = await fetching(attempt)
  return await withEngine(attempt.engine, attempt.signal, async () => {
    const built = fetched.built ?? (await building(attempt))
    const { bytes } = await storing(attempt, built)
    return { built, imageBytes: bytes }
  })
}

function sayAgain({ row, say }: Attempt) {
  const attempt = row.attempts + 1
  if (attempt > 1) say(`-----> Building ${buildName(row.number)} again (attempt ${attempt} of ${mostAttempts})`)
}

async function fetching(attempt: Attempt): Promise<Fetched> {
  const { row, store, times, steps, signal } = attempt
  const since = await store.read((tx) => newestSuccess(tx, row.app_id))
  const path = attempt.sourceOf(row.operation_id)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fetched = await steps.time(ownSteps.fetch, () =>
    within(times.fetchMs, 'fetching the source', signal, (signal) =>
      attempt.fetchSource({
        ...orderOf(attempt, signal),
        appId: row.app_id,
        source: sourceOfBuild(row),
        path,
        since: since?.revision ?? null,
      }),
    ),
  )
  await store.write('builds', (tx) => noteFound(tx, row.id, fetched))
  return fetched
}

const orderOf = ({ row, say }: Attempt, signal: AbortSignal) => ({
  app: row.app,
  team: row.team_id,
  id: row.operation_id,
  log: say,
  signal,
})

async function building(attempt: Attempt): Promise<Built> {
  const { row, store, steps } = attempt
  const variables = await store.read((tx) => variablesOf(tx, store.cipher, row.app_id))
  const built = await attempt.build({
    ...orderOf(attempt, attempt.signal),
    source: attempt.sourceOf(row.operation_id),
    variables,
    ...(await detailsOf(attempt)),
    onStep: (step) => steps.add(step),
  })
  const { revision } = built
  if (revision) await store.write('builds', (tx) => noteFound(tx, row.id, foundIn(revision)))
  return built
}

const foundIn = ({ id, author, description, changelog }: RevisionFound) => ({
  revision: id,
  changelog,
  ...(author !== '' && { author }),
  ...(description !== '' && { message: description }),
})

const storing = (attempt: Attempt, { image }: Built) =>
  attempt.steps.time(ownSteps.store, () =>
    within(attempt.times.storeMs, 'storing the package', attempt.signal, (signal) =>
      attempt.storePackage({ ...orderOf(attempt, signal), number: attempt.row.number, image }),
    ),
  )

/** For a retry. An image that was fetched has no source here. */
export async function keepSource({ row, keptSources, sourceOf }: Attempt): Promise<void> {
  const path = sourceOf(row.operation_id)
  if (await stat(path).catch(() => undefined)) await keptSources.keep(row.app, row.number, path)
}
