import type { BuildStep } from '../../model/build.ts'
import { refuse } from '../../model/refusal.ts'

/** What a build did and how long it took, as it goes. */
export class Steps {
  readonly all: BuildStep[] = []
  readonly #began = performance.now()

  add(step: BuildStep): void {
    this.all.push(step)
  }

  /** Does the work as one step of that name. */
  async time<T>(title: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      return await work()
    } finally {
      this.add({ title, ms: Math.round(performance.now() - began) })
    }
  }

  get totalMs(): number {
    return Math.round(performance.now() - this.#began)
  }
}

/** Refuses what takes longer than it may. The work must end soon after its signal. */
export async function within<T>(
  ms: number,
  what: string,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(ms)
  try {
    return await work(AbortSignal.any([outer, late]))
  } catch (error) {
    if (late.aborted && !outer.aborted) refuse('STEP_TIMEOUT', what, Math.round(ms / 1_000))
    throw error
  }
}
