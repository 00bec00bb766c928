import { log } from '../../lib/log.ts'
import { Pulse } from '../../lib/pulse.ts'
import { retrying } from '../../lib/retrying.ts'
import { mostAttempts } from '../../model/build.ts'
import { buildsToBegin, type QueuedBuild, type QueueLimits, whyItWaits } from '../../model/buildQueue.ts'
import { refusal } from '../../model/refusal.ts'
import { noLimits, stepLimitsKey, type TeamLimits } from '../../model/teamLimits.ts'
import {
  endBuild,
  freeLeases,
  interrupted,
  isAbandoned,
  type OpenBuild,
  openBuilds,
  takeBuild,
} from '../store/buildQueue.ts'
import { sourceOfBuild } from '../store/builds.ts'
import { randomId } from '../store/ids.ts'
import { limitsByTeam } from '../store/teamLimits.ts'
import { type Job, leaseUntil, startJob } from './job.ts'
import type { BuilderParts } from './parts.ts'

type Builder = {
  readonly parts: BuilderParts
  /** Whose leases ours are. */
  readonly owner: string
  readonly jobs: Map<string, Job>
  /** What was last said of those that wait. */
  readonly said: Map<string, string>
}

/** Takes builds from the queue in their order and within the limits, until the signal; then gives back what is under way. */
export async function runBuilds(parts: BuilderParts, signal: AbortSignal): Promise<void> {
  const builder: Builder = { parts, owner: `server:${randomId()}`, jobs: new Map(), said: new Map() }
  await retrying({ builder: builder.owner }, () => parts.store.write([], (tx) => freeLeases(tx, builder.owner)), signal)
  const changed = new Pulse()
  const unsubscribe = parts.store.onChange(['builds', 'operations'], () => changed.ring())
  while (!signal.aborted) {
    const next = changed.next()
    await pass(builder, changed, signal).catch((error) => log.error({ error }, 'the build queue; trying again'))
    await changed.wait(next, parts.times.leaseMs, signal)
  }
  unsubscribe()
  await Promise.allSettled([...builder.jobs.values()].map(({ done }) => done))
}

async function pass(builder: Builder, changed: Pulse, signal: AbortSignal): Promise<void> {
  const { parts, jobs } = builder
  const { open, own } = await parts.store.read(async (tx) => ({
    open: await openBuilds(tx),
    own: await limitsByTeam(tx),
  }))
  const limits = limitsOf(parts, own)
  const queued = queuedWith(own)
  stopUnwanted(builder, open)
  const free = open.filter((row) => !jobs.has(row.id) && (row.state === 'queued' || isAbandoned(row)))
  for (const row of free.filter(({ wanted }) => !wanted)) await end(builder, row, 'cancelled')
  const hopeless = free.filter(({ wanted, attempts }) => wanted && attempts >= mostAttempts)
  for (const row of hopeless) await end(builder, row, 'failed')
  const waiting = free.filter((row) => row.wanted && !hopeless.includes(row))
  const running = open.filter((row) => !free.includes(row)).map(queued)
  const ready = waiting.filter(isReady).map(queued)
  const begun = [...ready, ...buildsToBegin(waiting.filter((row) => !isReady(row)).map(queued), running, limits)]
  for (const row of waiting.filter(({ id }) => begun.some((one) => one.id === id))) {
    await begin(builder, row, changed, signal)
  }
  await sayWhatWaits(builder, waiting.map(queued), [...running, ...begun], limits)
}

const limitsOf = ({ queue }: BuilderParts, own: ReadonlyMap<string, TeamLimits>): QueueLimits => ({
  ...queue,
  teams: new Map([...own].map(([team, { builds }]) => [team, builds ?? queue.perTeam])),
})

const queuedWith =
  (own: ReadonlyMap<string, TeamLimits>) =>
  (row: OpenBuild): QueuedBuild => ({
    id: row.id,
    app: row.app,
    team: row.team_id,
    waitedMs: Date.now() - Date.parse(row.created_at),
    ...(!isReady(row) && { bounds: stepLimitsKey(own.get(row.team_id) ?? noLimits) }),
  })

/** The image is there already: it holds up nobody, and waits for nobody. */
const isReady = (row: OpenBuild) => sourceOfBuild(row).kind === 'release'

/** Ends exactly those whose operation was cancelled or is over. */
function stopUnwanted({ jobs }: Builder, open: readonly OpenBuild[]) {
  for (const [id, job] of jobs) {
    const row = open.find((one) => one.id === id)
    if (!row?.wanted) job.cancel()
  }
}

async function end({ parts: { store } }: Builder, { id, operation_id }: OpenBuild, state: 'cancelled' | 'failed') {
  await store.write('builds', async (tx) => {
    const operation = await tx
      .selectFrom('operations')
      .select('cancel_by')
      .where('id', '=', operation_id)
      .executeTakeFirst()
    const reason =
      state === 'failed' ? interrupted() : refusal('CANCELLED', operation?.cancel_by ?? 'the end of its deploy')
    await endBuild(tx, id, state, { code: reason.code, message: reason.message })
  })
}

async function begin({ parts, owner, jobs }: Builder, row: OpenBuild, changed: Pulse, signal: AbortSignal) {
  const lease = { owner, until: leaseUntil(parts.times) }
  const taken = await parts.store.write([], (tx) => takeBuild(tx, row, lease))
  if (!taken) return changed.ring()
  const job = startJob(parts, row, owner, signal)
  jobs.set(row.id, job)
  void job.done.finally(() => {
    jobs.delete(row.id)
    changed.ring()
  })
}

async function sayWhatWaits(
  { parts, said }: Builder,
  waiting: readonly QueuedBuild[],
  under: readonly QueuedBuild[],
  limits: QueueLimits,
) {
  const still = waiting.filter(({ id }) => !under.some((one) => one.id === id))
  for (const id of said.keys()) if (!still.some((one) => one.id === id)) said.delete(id)
  for (const build of still) {
    const text = whyItWaits(build, still, under, limits)
    if (said.get(build.id) === text) continue
    said.set(build.id, text)
    await parts.operationLogs.append(build.id, `       ${text}`)
  }
}
