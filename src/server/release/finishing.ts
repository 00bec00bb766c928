import { refuse } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import { endOperation, enterPhase } from '../store/operations.ts'
import { formationOf, previousRelease, type ReleaseRow, releaseOfOperation } from '../store/releases.ts'
import type { ReadTx, WriteTx } from '../store/store.ts'
import { type OneOff, runOneOff } from './oneOff.ts'
import type { Run } from './parts.ts'

/** After the swap: what the definition wants to run once the release is live, else nothing more. */
export async function finishOrEnd(tx: WriteTx, { operation }: Run): Promise<void> {
  const release = await releaseOfOperation(tx, operation.id)
  const commands = release ? await commandsAfter(tx, release) : []
  if (commands.length > 0) return enterPhase(tx, operation, 'finishing')
  await endOperation(tx, operation.id, 'succeeded')
}

/** The postdeploy commands, each once. The release serves already, and goes on to whatever comes of them. */
export async function finishing(run: Run): Promise<void> {
  const { store, operation } = run
  const release = await store.read((tx) => releaseOfOperation(tx, operation.id))
  if (!release) throw new Error(`operation ${operation.id} has no release`)
  for (const one of await store.read((tx) => commandsAfter(tx, release))) {
    await run.say(`-----> Running the postdeploy command${one.name === 'first-deploy' ? ' of the first deploy' : ''}`)
    const failure = await runOneOff(run, release, one)
    if (run.signal.aborted) return
    if (failure !== undefined) refuse('POSTDEPLOY_FAILED', releaseName(release.number), failure)
  }
  await store.write('operations', (tx) => endOperation(tx, operation.id, 'succeeded'))
}

/** The same answer whenever it is asked before the next release: the first that served is the one with none before it. */
async function commandsAfter(tx: ReadTx, release: ReleaseRow): Promise<OneOff[]> {
  const { firstDeployCommand, postdeployCommand } = formationOf(release)
  const first = firstDeployCommand && !(await previousRelease(tx, release.app_id))
  const commands = [
    first && ({ name: 'first-deploy', command: firstDeployCommand } as const),
    postdeployCommand && ({ name: 'postdeploy', command: postdeployCommand } as const),
  ]
  return commands.flatMap((one) => (one ? [{ ...one, process: 'postdeploy' }] : []))
}
