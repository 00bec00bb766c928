import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { log } from '../../lib/log.ts'
import { buildName, mostAttempts, ownSteps } from '../../model/build.ts'
import type { Built, RevisionFound } from '../../model/release.ts'
import { noteFound, type OpenBuild, type Success } from '../store/buildQueue.ts'
import { newestSuccess, sourceOfBuild } from '../store/builds.ts'
import { variablesOf } from '../store/env.ts'
import { detailsOf } from './details.ts'
import { withEngine } from './engineWatch.ts'
import type { BuilderParts, Fetched } from './parts.ts'
import { Steps, within } from './steps.ts'

/** One attempt at one build. `signal` fires when it is to end: cancelled, no longer ours, or the server stops. */
export type Attempt = BuilderParts & {
  readonly row: OpenBuild
  readonly owner: string
  readonly signal: AbortSignal
  readonly steps: Steps
  readonly say: (line: string) => void
  /** All that was said is in the log. */
  readonly said: () => Promise<void>
}

export function newAttempt(parts: BuilderParts, row: OpenBuild, owner: string, signal: AbortSignal): Attempt {
  let last: Promise<void> = Promise.resolve()
  const say = (line: string) => {
    last = parts.operationLogs
      .append(row.operation_id, line)
      .catch((error) => log.warn({ error, build: row.id }, 'a line is lost'))
  }
  return { ...parts, row, owner, signal, steps: new Steps(), say, said: () => last }
}

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
