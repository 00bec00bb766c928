import { linesOf } from '../../engine/lines.ts'
import { environmentOf, oneOffLabels, pidsLimit } from '../../model/container.ts'
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
  const id = await startedContainer(run, release)
  const startedAt = Date.parse((await run.engine.containers.inspect(id))?.startedAt ?? '') || Date.now()
  const late = AbortSignal.timeout(Math.max(1, startedAt + run.releaseMs - Date.now()))
  try {
    const code = await follow(run, id, AbortSignal.any([run.signal, late]))
    if (code !== 0) refuse('RELEASE_COMMAND_FAILED', `it exited with code ${code}`)
  } catch (error) {
    if (late.aborted && !run.signal.aborted) {
      refuse('RELEASE_COMMAND_FAILED', `it took longer than ${run.releaseMs / 1000} s and was stopped`)
    }
    throw error
  } finally {
    if (!run.stop.aborted) await run.engine.containers.remove(id)
  }
}

/** A command that another server has begun is gone on with: half a migration and then a whole one is one too many. */
async function startedContainer(run: Run, release: ReleaseRow): Promise<string> {
  const { containers } = run.engine
  const name = `${run.cluster}-${run.operation.app}-release-${run.operation.id}`
  const known = await containers.inspect(name)
  if (known && known.state !== 'created') return known.id
  const id = known?.id ?? (await containers.create(oneOffSpec(run, release, name)))
  await containers.start(id)
  return id
}

async function follow(run: Run, id: string, signal: AbortSignal): Promise<number> {
  const { containers } = run.engine
  const ended = containers.wait(id, signal)
  ended.catch(() => undefined)
  for await (const line of linesOf(await containers.logs(id, { follow: true, signal }))) {
    await run.say(`       ${printable(line)}`)
  }
  return await ended
}

function oneOffSpec(run: Run, release: ReleaseRow, name: string) {
  const formation = formationOf(release)
  const { app, team_id: team } = run.operation
  const purpose = { cluster: run.cluster, app, team, process: 'release', release: release.number }
  return {
    name,
    labels: oneOffLabels(purpose, run.operation.id),
    image: release.image,
    command: formation.releaseCommand ?? [],
    env: environmentOf(purpose, formation, releaseEnv(run.store.cipher, release)),
    memoryMb: defaultScale.memoryMb,
    cpu: defaultScale.cpu,
    pids: pidsLimit,
    stopGraceMs: formation.stopGraceMs,
    network: run.network,
    tty: false,
    stdin: false,
  }
}
