export type QueuedBuild = {
  readonly id: string
  readonly app: string
  readonly team: string
  /** Equal for builds whose steps are bound alike; nothing where there are none to be bound. */
  readonly bounds?: string
  /** Since it was asked for. */
  readonly waitedMs: number
}

/** How many builds may run at once. An app has one at a time. */
export type QueueLimits = {
  readonly total: number
  readonly perTeam: number
  /** Of teams that have a number of their own. */
  readonly teams?: ReadonlyMap<string, number>
}

/** How long a build that waits for builds bound otherwise lets younger ones begin before it. */
export const letsPassMs = 60_000

/** Which of those that wait, oldest first, may begin now. One that its team or app holds up does not hold up others. */
export function buildsToBegin(
  waiting: readonly QueuedBuild[],
  running: readonly QueuedBuild[],
  limits: QueueLimits,
): QueuedBuild[] {
  const begun: QueuedBuild[] = []
  for (const build of waiting) {
    const holds = whatHolds(build, [...running, ...begun], limits)
    // What came later would make it wait for ever.
    if (holds === 'bounds' && build.waitedMs >= letsPassMs) break
    if (holds === undefined) begun.push(build)
  }
  return begun
}

function whatHolds(
  { app, team, bounds }: QueuedBuild,
  running: readonly QueuedBuild[],
  { total, perTeam, teams }: QueueLimits,
): 'all' | 'team' | 'app' | 'bounds' | undefined {
  if (running.some((other) => other.app === app)) return 'app'
  if (running.filter((other) => other.team === team).length >= (teams?.get(team) ?? perTeam)) return 'team'
  if (running.length >= total) return 'all'
  return running.some((other) => areBoundDifferently(other.bounds, bounds)) ? 'bounds' : undefined
}

const areBoundDifferently = (one: string | undefined, other: string | undefined) =>
  one !== undefined && other !== undefined && one !== other

/** For its log: what a build that does not begin now is waiting for. */
export function whyItWaits(
  build: QueuedBuild,
  waiting: readonly QueuedBuild[],
  running: readonly QueuedBuild[],
  limits: QueueLimits,
): string {
  const before = waiting.slice(
    0,
    waiting.findIndex(({ id }) => id === build.id),
  )
  const holds = whatHolds(build, running, limits)
  if (holds === 'app') return 'waiting for the build of this app that is running'
  if (holds === 'team') {
    const ahead = before.filter(({ team }) => team === build.team).length
    return `waiting for builds of the team: ${runs(limits.teams?.get(build.team) ?? limits.perTeam)} at once, ${waits(ahead)} before this one`
  }
  if (holds === 'bounds') return 'waiting for builds with other limits of memory and processors than its team has'
  return `waiting for other builds: ${runs(running.length)}, ${waits(before.length)} before this one`
}

const runs = (count: number) => (count === 1 ? '1 runs' : `${count} run`)
const waits = (count: number) => (count === 1 ? '1 waits' : `${count === 0 ? 'none' : count} wait`)
