import { scaleFor } from '../../model/release.ts'
import { planScale } from '../../model/scaling.ts'
import { scalesOf, setScale } from '../store/apps.ts'
import { endOperation, enterPhase } from '../store/operations.ts'
import { formationOf, liveRelease, type ReleaseRow } from '../store/releases.ts'
import { setsOfApp } from '../store/sets.ts'
import type { ReadTx, WriteTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { addSet, knownProcess } from './sets.ts'

/** Before the first release a scale is only noted. */
export async function prepareScale(run: Run, input: InputOf<'scale'>) {
  await run.store.write(['operations', 'apps', 'sets'], async (tx) => {
    const live = await liveRelease(tx, run.appId)
    if (!live) {
      await enterPhase(tx, run.operation, 'swapping')
      await applyScales(tx, run, input)
      return endOperation(tx, run.operation.id, 'succeeded')
    }
    for (const [process, plan] of Object.entries(await scalePlans(tx, run, live, input))) {
      await addSet(tx, run, live, process, { ...plan.scale, count: plan.start })
    }
    await enterPhase(tx, run.operation, 'gating')
  })
}

/** The same answer before the gate and at the swap, for nothing else touches the app's live sets in between. */
export async function scalePlans(tx: ReadTx, run: Run, live: ReleaseRow, { scales }: InputOf<'scale'>) {
  const wanted = await scalesOf(tx, run.appId)
  const sets = (await setsOfApp(tx, run.appId)).filter(({ role }) => role === 'live')
  const plans = Object.entries(scales).map(([process, change]) => {
    knownProcess(live, process)
    const scale = { ...scaleFor(process, wanted, formationOf(live).scale), ...change }
    const running = sets
      .filter((set) => set.process === process)
      .map(({ id, count, memory_mb, cpu }) => ({ id, count, memoryMb: memory_mb, cpu }))
    return [process, { scale, ...planScale(running, scale) }] as const
  })
  return Object.fromEntries(plans)
}

/** What was asked for becomes what is wanted. */
export async function applyScales(tx: WriteTx, run: Run, { scales }: InputOf<'scale'>): Promise<void> {
  const live = await liveRelease(tx, run.appId)
  const proposed = live ? formationOf(live).scale : {}
  const wanted = await scalesOf(tx, run.appId)
  for (const [process, change] of Object.entries(scales)) {
    await setScale(tx, run.appId, process, { ...scaleFor(process, wanted, proposed), ...change })
  }
}
