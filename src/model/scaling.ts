import type { Scale } from './release.ts'

export type RunningSet = {
  readonly id: string
  readonly count: number
  readonly memoryMb: number
  readonly cpu: number
}

export type ScalePlan = {
  /** How many instances to start, in one new set. */
  readonly start: number
  /** Ids of the sets to drain once those are healthy. */
  readonly drain: readonly string[]
}

/**
 * Pure: keeps the sets of the right size that together come nearest to the wanted count without passing it, starts the
 * rest anew and drains what is left. A set never changes its count, so nothing that serves is ever restarted in place.
 */
export function planScale(running: readonly RunningSet[], wanted: Scale): ScalePlan {
  const fitting = running.filter(({ memoryMb, cpu }) => memoryMb === wanted.memoryMb && cpu === wanted.cpu)
  const kept = nearestSum(fitting, wanted.count)
  const keptCount = kept.reduce((sum, { count }) => sum + count, 0)
  return {
    start: wanted.count - keptCount,
    drain: running.filter((set) => !kept.includes(set)).map(({ id }) => id),
  }
}

/** Subset with the largest sum that is not above `limit`: reachable sums, each with the sets that make it. */
function nearestSum(sets: readonly RunningSet[], limit: number): readonly RunningSet[] {
  const reach = new Map<number, readonly RunningSet[]>([[0, []]])
  for (const set of sets) {
    for (const [sum, used] of [...reach]) {
      const next = sum + set.count
      if (next <= limit && !reach.has(next)) reach.set(next, [...used, set])
    }
  }
  return reach.get(Math.max(...reach.keys())) ?? []
}
