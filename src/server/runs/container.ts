import type { Engine } from '../../engine/engine.ts'
import { environmentOf, oneOffLabels, pidsLimit } from '../../model/container.ts'
import { refuse } from '../../model/refusal.ts'
import { scaleFor } from '../../model/release.ts'
import type { OperationRow } from '../store/access.ts'
import { scalesOf } from '../store/apps.ts'
import { formationOf, liveRelease, releaseEnv } from '../store/releases.ts'
import type { Store } from '../store/store.ts'

export type Parts = {
  readonly store: Store
  readonly engine: Engine
  readonly cluster: string
  readonly network: string
  readonly operationLogs: {
    append(id: string, line: string): Promise<void>
    read(id: string): Promise<string[]>
    finish(id: string): Promise<void>
  }
}

export type Wanted = { readonly command: readonly string[]; readonly tty: boolean; readonly stdin: boolean }

export const containerName = (cluster: string, operation: Pick<OperationRow, 'id' | 'app'>) =>
  `${cluster}-${operation.app}-run-${operation.id}`

/** A throw-away container of the live release, made but not started; gives its id. */
export async function createContainer(parts: Parts, operation: OperationRow, wanted: Wanted): Promise<string> {
  const { store, engine, cluster, network } = parts
  const appId = operation.app_id ?? ''
  const [release, scales] = await store.read(async (tx) => [await liveRelease(tx, appId), await scalesOf(tx, appId)])
  if (!release) return refuse('NOTHING_DEPLOYED', operation.app)
  const formation = formationOf(release)
  const { app, team_id: team } = operation
  const purpose = { cluster, app, team, process: 'run', release: release.number }
  const { memoryMb, cpu } = scaleFor('run', scales, formation.scale)
  return engine.containers.create({
    ...wanted,
    name: containerName(cluster, operation),
    labels: oneOffLabels(purpose, operation.id),
    image: release.image,
    env: environmentOf(purpose, formation, releaseEnv(store.cipher, release)),
    memoryMb,
    cpu,
    pids: pidsLimit,
    stopGraceMs: formation.stopGraceMs,
    network,
  })
}
