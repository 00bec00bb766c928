export type BuildState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'superseded'

export const isBuildOver = (state: BuildState) => state !== 'queued' && state !== 'running'

export const buildName = (number: number) => `b${number}`

/** One step of a build, as its record and its timing table tell it. */
export type BuildStep = { readonly title: string; readonly ms: number; readonly cached?: boolean }

/** A build that a dead server has left is begun again, but not for ever: it may be what kills the server. */
export const mostAttempts = 3

/** What the recipe of a build by metadata begins with. */
export const metadataRecipe = 'uPaaS metadata'

/** What is told of each build, however short. */
export const ownSteps = {
  fetch: 'Fetch the source',
  detect: 'Detect',
  store: 'Store the package',
  export: 'Export the image',
} as const
const alwaysTold: readonly string[] = [ownSteps.fetch, ownSteps.detect, ownSteps.export]

const leastMs = 50
const longestTitle = 60

/** Lines for a log: what took its time, or at least what took most of it. */
export function timingTable(steps: readonly BuildStep[], totalMs: number): string[] {
  const own = steps.filter(({ title, ms }) => ms > 0 && title !== ownSteps.store && !alwaysTold.includes(title))
  const largest = own.toSorted((a, b) => b.ms - a.ms)[0]
  const told = steps.filter((step) => step.ms >= leastMs || alwaysTold.includes(step.title) || step === largest)
  const rows = [...told, { title: 'Total', ms: totalMs }].map(({ title, ms }) => [clipped(title), seconds(ms)] as const)
  const widest = Math.max(...rows.map(([title]) => title.length))
  const longest = Math.max(...rows.map(([, time]) => time.length))
  return rows.map(([title, time]) => `${title.padEnd(widest)}  ${time.padStart(longest)}`)
}

const clipped = (title: string) => (title.length > longestTitle ? `${title.slice(0, longestTitle - 1)}…` : title)

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
