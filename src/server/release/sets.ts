import { refuse } from '../../model/refusal.ts'
import { type Scale, scaleFor } from '../../model/release.ts'
import { scalesOf } from '../store/apps.ts'
import { enterPhase } from '../store/operations.ts'
import { formationOf, type ReleaseRow } from '../store/releases.ts'
import { createSet } from '../store/sets.ts'
import type { WriteTx } from '../store/store.ts'
import type { Run } from './parts.ts'

/** The release command goes first where there is one; else the instances start at once. */
export async function releaseOrStart(tx: WriteTx, run: Run, release: ReleaseRow): Promise<void> {
  if (formationOf(release).releaseCommand) return enterPhase(tx, run.operation, 'releasing')
  await startSets(tx, run, release)
}

/** Wants one new set per process that has instances, and goes on to the gate. */
export async function startSets(tx: WriteTx, run: Run, release: ReleaseRow, only?: readonly string[]): Promise<void> {
  const wanted = await scalesOf(tx, run.appId)
  const formation = formationOf(release)
  const names = formation.processes.map(({ name }) => name).filter((name) => !only || only.includes(name))
  for (const process of names) await addSet(tx, run, release, process, scaleFor(process, wanted, formation.scale))
  await enterPhase(tx, run.operation, 'gating')
}

export async function addSet(tx: WriteTx, run: Run, release: ReleaseRow, process: string, scale: Scale) {
  if (scale.count === 0) return
  await createSet(tx, {
    appId: run.appId,
    app: run.operation.app,
    cluster: run.cluster,
    release: release.number,
    process,
    scale,
    operationId: run.operation.id,
  })
}

export function knownProcess(release: ReleaseRow, process: string) {
  const known = formationOf(release).processes.map(({ name }) => name)
  if (!known.includes(process)) refuse('NOT_FOUND', `process (there are ${known.join(', ')})`, process)
}
