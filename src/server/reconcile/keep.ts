import { log } from '../../lib/log.ts'
import { mutex } from '../../lib/mutex.ts'
import { pause } from '../../lib/pulse.ts'
import { lookUntil } from '../store/lookUntil.ts'
import type { Store, Topic } from '../store/store.ts'

/** A pass reads the whole state of its thing again and brings the world nearer to it; it may run at any time. */
export type Reconciler = {
  readonly name: string
  readonly topics: readonly Topic[]
  /** Looked at again after this long even if nothing changed: the world may have. */
  readonly everyMs: number
  pass(signal: AbortSignal): Promise<void>
}

/** A change says when to look, never what to do. Ends, after the pass under way, when the signal fires. */
export async function keep(store: Store, reconciler: Reconciler, signal: AbortSignal): Promise<void> {
  const { topics, everyMs } = reconciler
  await lookUntil({ store, topics, everyMs, signal }, async () => {
    await tryPass(reconciler, signal)
    return false
  })
}

async function tryPass(reconciler: Reconciler, signal: AbortSignal) {
  try {
    await reconciler.pass(signal)
  } catch (error) {
    if (signal.aborted) return
    log.error({ error, reconciler: reconciler.name }, 'pass failed; the next change or tick tries again')
    await pause(1_000, signal)
  }
}

/** Their passes take turns: what one does, none of the others sees half done. */
export function inTurn(...reconcilers: readonly Reconciler[]): Reconciler[] {
  const turn = mutex()
  return reconcilers.map((one) => ({ ...one, pass: (signal) => turn(() => one.pass(signal)) }))
}
