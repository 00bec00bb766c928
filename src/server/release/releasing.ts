import { refuse } from '../../model/refusal.ts'
import { formationOf, releaseOfOperation } from '../store/releases.ts'
import { runOneOff } from './oneOff.ts'
import type { Run } from './parts.ts'
import { startSets } from './sets.ts'

/** The release command: once, in a throw-away container of the new image, before any instance of it starts. */
export async function releasing(run: Run): Promise<void> {
  const release = await run.store.read((tx) => releaseOfOperation(tx, run.operation.id))
  if (!release) throw new Error(`operation ${run.operation.id} has no release`)
  await run.say('-----> Running the release command')
  const command = formationOf(release).releaseCommand ?? []
  const failure = await runOneOff(run, release, { name: 'release', process: 'release', command })
  if (run.signal.aborted) return
  if (failure !== undefined) refuse('RELEASE_COMMAND_FAILED', failure)
  await run.store.write(['operations', 'sets'], (tx) => startSets(tx, run, release))
}
