import { EngineError, isAway } from '../../engine/api.ts'
import type { Container } from '../../engine/containers.ts'
import { linesOf } from '../../engine/lines.ts'
import { environmentOf, oneOffLabels, pidsLimit } from '../../model/container.ts'
import { printable } from '../../model/printable.ts'
import { defaultScale } from '../../model/release.ts'
import type { OperationRow } from '../store/access.ts'
import { formationOf, type ReleaseRow, releaseEnv } from '../store/releases.ts'
import { hidingOf } from './hiding.ts'
import type { Parts, Run } from './parts.ts'

/** A command of a release that its operation runs once, in a throw-away container. */
export type OneOff = {
  readonly name: (typeof names)[number]
  /** What it is told as BERTH_PROCESS. */
  readonly process: 'release' | 'postdeploy'
  readonly command: readonly string[]
}

const names = ['release', 'first-deploy', 'postdeploy'] as const

/**
 * Runs it to its end, its output into the operation's log; gives why it failed. The container stays until the operation
 * is over: whoever enters the phase again finds what has been begun, or has ended, and does not run it twice.
 */
export async function runOneOff(run: Run, release: ReleaseRow, oneOff: OneOff): Promise<string | undefined> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  try {
    const container = await startedContainer(run, release, oneOff)
    timer = setTimeout(() => late.abort(), leftMs(container, run.releaseMs))
    const hide = await hidingOf(run, release)
    const code = await follow(run, container.id, hide, AbortSignal.any([run.signal, late.signal]))
    return code === 0 ? undefined : `it exited with code ${code}`
  } catch (error) {
    if (late.signal.aborted && !run.signal.aborted)
      return `it took longer than ${run.releaseMs / 1000} s and was stopped`
    if (error instanceof EngineError && !isAway(error)) return error.message
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Those of an operation that is over, whether they have ended or not. */
export async function removeOneOffs({ engine, cluster }: Parts, operation: OperationRow): Promise<void> {
  for (const name of names) await engine.containers.remove(containerName(cluster, operation, name))
}

const containerName = (cluster: string, { app, id }: OperationRow, name: OneOff['name']) =>
  `${cluster}-${app}-${name}-${id}`

async function startedContainer(run: Run, release: ReleaseRow, oneOff: OneOff): Promise<Container> {
  const { containers } = run.engine
  const name = containerName(run.cluster, run.operation, oneOff.name)
  const known = await containers.inspect(name)
  if (known && known.state !== 'created') return known
  const id = known?.id ?? (await containers.create(specOf(run, release, oneOff, name)))
  await containers.start(id)
  const started = await containers.inspect(id)
  if (!started) throw new EngineError(404, 'its container was removed')
  return started
}

/** One that has ended was in time, however long ago it began. */
const leftMs = ({ state, startedAt }: Container, wholeMs: number) =>
  state === 'running' ? Math.max(1, Date.parse(startedAt) + wholeMs - Date.now()) : wholeMs

/** Of a longer line; the rest of it has been looked at for values of variables, so that none is cut and shown. */
const shown = 16_384

async function follow(run: Run, id: string, hide: (line: string) => string, signal: AbortSignal): Promise<number> {
  const { containers } = run.engine
  const ended = containers.wait(id, signal)
  ended.catch(() => undefined)
  for await (const line of linesOf(await containers.logs(id, { follow: true, signal }))) {
    await run.say(`       ${hide(printable(line)).slice(0, shown)}`)
  }
  return await ended
}

function specOf(run: Run, release: ReleaseRow, { process, command }: OneOff, name: string) {
  const formation = formationOf(release)
  const { app, team_id: team } = run.operation
  const purpose = { cluster: run.cluster, app, team, process, release: release.number }
  return {
    name,
    command,
    labels: oneOffLabels(purpose, run.operation.id),
    image: release.image,
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
