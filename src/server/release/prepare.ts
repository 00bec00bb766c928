import { isDeepStrictEqual } from 'node:util'
import { checkEnvironment } from '../../model/limits.ts'
import { refuse } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import { type Env, envOf, replaceEnv } from '../store/apps.ts'
import { endOperation, enterPhase, inputOf } from '../store/operations.ts'
import {
  createRelease,
  formationOf,
  liveRelease,
  type ReleaseRow,
  releaseByNumber,
  releaseEnv,
} from '../store/releases.ts'
import type { ReadTx, WriteTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { prepareScale } from './scale.ts'
import { knownProcess, releaseOrStart, startSets } from './sets.ts'

/** From queued to the first phase in which something runs. */
export async function prepare(run: Run): Promise<void> {
  const input = inputOf(run.operation)
  switch (input.kind) {
    case 'deploy':
      return run.store.write('operations', (tx) => enterPhase(tx, run.operation, 'building'))
    case 'env':
      return prepareEnv(run, input)
    case 'rollback':
      return prepareRollback(run, input)
    case 'restart':
      return prepareRestart(run, input)
    case 'scale':
      return prepareScale(run, input)
    case 'destroy':
    case 'run':
      throw new Error(`${input.kind} is not on the release path`)
  }
}

/**
 * Without a release there is nothing to restart: the new configuration just waits for the first deploy. Values that are
 * there already make no release.
 */
async function prepareEnv(run: Run, input: InputOf<'env'>) {
  const { store } = run
  await store.write(['operations', 'apps', 'sets'], async (tx) => {
    const before = await envOf(tx, store.cipher, run.appId)
    const env = changedEnv(run, before, input)
    checkEnvironment(env)
    const live = await liveRelease(tx, run.appId)
    if (live && isDeepStrictEqual(env, releaseEnv(store.cipher, live)) && isDeepStrictEqual(env, before)) {
      return endOperation(tx, run.operation.id, 'succeeded')
    }
    if (!live) {
      await enterPhase(tx, run.operation, 'swapping')
      await replaceEnv(tx, store.cipher, run.appId, env)
      return endOperation(tx, run.operation.id, 'succeeded')
    }
    const names = [...Object.keys(input.set), ...input.unset.map((name) => `-${name}`)]
    await startRelease(tx, run, { from: live, env, reason: `env ${names.join(' ')}` })
  })
}

export const changedEnv = ({ store }: Pick<Run, 'store'>, env: Env, { set, unset }: InputOf<'env'>): Env => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !unset.includes(name))),
  ...Object.fromEntries(Object.entries(set).map(([name, sealed]) => [name, store.cipher.open(sealed)])),
})

async function prepareRollback(run: Run, { to }: InputOf<'rollback'>) {
  const target = await run.store.read((tx) => releaseByNumber(tx, run.appId, to))
  if (!target || target.state === 'failed') refuse('NOT_FOUND', 'release that ran', releaseName(to))
  if (!(await run.engine.images.exists(target.image))) refuse('IMAGE_GONE', releaseName(to))
  await run.store.write(['operations', 'sets'], (tx) =>
    startRelease(tx, run, {
      from: target,
      env: releaseEnv(run.store.cipher, target),
      reason: `rollback to ${releaseName(to)}`,
    }),
  )
}

async function startRelease(
  tx: WriteTx,
  run: Run,
  { from, env, reason }: { from: ReleaseRow; env: Env; reason: string },
) {
  const formation = formationOf(from)
  const release = await createRelease(tx, run.store.cipher, {
    appId: run.appId,
    image: from.image,
    formation,
    env,
    commit: from.commit_id,
    reason,
    author: run.operation.author,
    operationId: run.operation.id,
  })
  await releaseOrStart(tx, run, release)
}

async function liveOrRefuse(tx: ReadTx, run: Run): Promise<ReleaseRow> {
  const live = await liveRelease(tx, run.appId)
  return live ?? refuse('NOTHING_DEPLOYED', run.operation.app)
}

async function prepareRestart(run: Run, { processes }: InputOf<'restart'>) {
  await run.store.write(['operations', 'sets'], async (tx) => {
    const live = await liveOrRefuse(tx, run)
    for (const process of processes) knownProcess(live, process)
    await startSets(tx, run, live, processes.length > 0 ? processes : undefined)
  })
}
