import { linesOf } from '../../engine/lines.ts'
import { labels } from '../../model/instance.ts'
import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'
import { defaultScale } from '../../model/release.ts'
import { formationOf, type ReleaseRow, releaseEnv, releaseOfOperation } from '../store/releases.ts'
import type { Run } from './parts.ts'
import { startSets } from './sets.ts'

/** The release command: once, in a throw-away container of the new image, before any instance of it starts. */
export async function releasing(run: Run): Promise<void> {
  const release = await run.store.read((tx) => releaseOfOperation(tx, run.operation.id))
  if (!release) throw new Error(`operation ${run.operation.id} has no release`)
  await run.say('-----> Running the release command')
  await runReleaseCommand(run, release)
  if (run.signal.aborted) return
  await run.store.write(['operations', 'sets'], (tx) => startSets(tx, run, release))
}

async function runReleaseCommand(run: Run, release: ReleaseRow) {
  const { containers } = run.engine
  const name = `${run.cluster}-${run.operation.app}-release-${run.operation.id}`
  await containers.remove(name)
  const id = await containers.create(oneOffSpec(run, release, name))
  try {
    await containers.start(id)
    const ended = containers.wait(id, run.signal)
    for await (const line of linesOf(await containers.logs(id, { follow: true, signal: run.signal }))) {
      await run.say(`       ${printable(line)}`)
    }
    const code = await ended
    if (code !== 0) refuse('RELEASE_COMMAND_FAILED', `it exited with code ${code}`)
  } finally {
    await containers.remove(id)
  }
}

function oneOffSpec(run: Run, release: ReleaseRow, name: string) {
  const formation = formationOf(release)
  return {
    name,
    labels: {
      [labels.owned]: 'true',
      [labels.cluster]: run.cluster,
      [labels.app]: run.operation.app,
      [labels.team]: run.operation.team_id,
      [labels.process]: 'release',
      [labels.release]: String(release.number),
    },
    image: release.image,
    command: formation.releaseCommand ?? [],
    env: {
      ...formation.env,
      ...releaseEnv(run.store.cipher, release),
      BERTH_APP: run.operation.app,
      BERTH_PROCESS: 'release',
      BERTH_RELEASE: `v${release.number}`,
    },
    memoryMb: defaultScale.memoryMb,
    cpu: defaultScale.cpu,
    pids: 512,
    stopGraceMs: formation.stopGraceMs,
    network: run.network,
    tty: false,
    stdin: false,
  }
}
