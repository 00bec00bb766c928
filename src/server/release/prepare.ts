import { isDeepStrictEqual } from 'node:util'
import { buildName } from '../../model/build.ts'
import { checkEnvironment } from '../../model/limits.ts'
import { refuse } from '../../model/refusal.ts'
import { releaseName } from '../../model/release.ts'
import { allValues, runValues, type Variables } from '../../model/variables.ts'
import { replaceVariables, variablesOf } from '../store/env.ts'
import { endOperation, enterPhase, inputOf } from '../store/operations.ts'
import {
  createRelease,
  formationOf,
  liveRelease,
  type ReleaseRow,
  releaseByNumber,
  releaseEnv,
  releaseVariables,
} from '../store/releases.ts'
import type { ReadTx, WriteTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { prepareRelease } from './releaseBuild.ts'
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
    case 'release':
      return prepareRelease(run, input)
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
    const before = await variablesOf(tx, store.cipher, run.appId)
    const variables = changedVariables(run, before, input)
    checkEnvironment(allValues(variables))
    const live = await liveRelease(tx, run.appId)
    const seen = runValues(variables)
    const same = live && isDeepStrictEqual(seen, releaseEnv(store.cipher, live))
    if (!live || (same && isDeepStrictEqual(seen, runValues(before)))) {
      if (!live) await enterPhase(tx, run.operation, 'swapping')
      await replaceVariables(tx, store.cipher, run.appId, variables)
      return endOperation(tx, run.operation.id, 'succeeded')
    }
    const names = [...Object.keys(input.set), ...input.unset.map((name) => `-${name}`)]
    await startRelease(tx, run, { from: live, variables, reason: `env ${names.join(' ')}` })
  })
}

const changedVariables = (
  { store }: Pick<Run, 'store'>,
  before: Variables,
  { set, scopes = {}, unset }: InputOf<'env'>,
): Variables => ({
  ...Object.fromEntries(Object.entries(before).filter(([name]) => !unset.includes(name))),
  ...Object.fromEntries(
    Object.entries(set).map(([name, sealed]) => [
      name,
      { value: store.cipher.open(sealed), scope: scopes[name] ?? 'run' },
    ]),
  ),
})

async function prepareRollback(run: Run, { to }: InputOf<'rollback'>) {
  const target = await run.store.read((tx) => releaseByNumber(tx, run.appId, to))
  if (!target || target.state === 'failed') refuse('NOT_FOUND', 'release that ran', releaseName(to))
  if (!(await run.bringImage(target.image, run.signal, run.say))) imageGone(target)
  await run.store.write(['operations', 'sets'], (tx) =>
    startRelease(tx, run, {
      from: target,
      variables: releaseVariables(run.store.cipher, target),
      reason: `rollback to ${releaseName(to)}`,
    }),
  )
}

const imageGone = ({ number, build_number: build }: ReleaseRow) =>
  build === null
    ? refuse('IMAGE_GONE', releaseName(number))
    : refuse('IMAGE_GONE', releaseName(number), buildName(build))

async function startRelease(
  tx: WriteTx,
  run: Run,
  { from, variables, reason }: { from: ReleaseRow; variables: Variables; reason: string },
) {
  const formation = formationOf(from)
  const release = await createRelease(tx, run.store.cipher, {
    appId: run.appId,
    image: from.image,
    formation,
    variables,
    commit: from.commit_id,
    reason,
    author: run.operation.author,
    operationId: run.operation.id,
    build: from.build_number,
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
