export type QueuedBuild = { readonly id: string; readonly app: string; readonly team: string }

/** How many builds may run at once. An app has one at a time. */
export type QueueLimits = { readonly total: number; readonly perTeam: number }

/** Which of those that wait, oldest first, may begin now. One that its team or app holds up does not hold up others. */
export function buildsToBegin(
  waiting: readonly QueuedBuild[],
  running: readonly QueuedBuild[],
  limits: QueueLimits,
): QueuedBuild[] {
  const begun: QueuedBuild[] = []
  for (const build of waiting) {
    if (whatHolds(build, [...running, ...begun], limits) === undefined) begun.push(build)
  }
  return begun
}

function whatHolds(
  { app, team }: QueuedBuild,
  running: readonly QueuedBuild[],
  { total, perTeam }: QueueLimits,
): 'all' | 'team' | 'app' | undefined {
  if (running.some((other) => other.app === app)) return 'app'
  if (running.filter((other) => other.team === team).length >= perTeam) return 'team'
  return running.length >= total ? 'all' : undefined
}

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
    return `waiting for builds of the team: ${runs(limits.perTeam)} at once, ${waits(ahead)} before this one`
  }
  return `waiting for other builds: ${runs(running.length)}, ${waits(before.length)} before this one`
}

const runs = (count: number) => (count === 1 ? '1 runs' : `${count} run`)
const waits = (count: number) => (count === 1 ? '1 waits' : `${count === 0 ? 'none' : count} wait`)
