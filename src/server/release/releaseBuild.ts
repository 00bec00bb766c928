import { buildName } from '../../model/build.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, releaseName } from '../../model/release.ts'
import type { Variables } from '../../model/variables.ts'
import { type BuildRow, buildByNumber, builtOf } from '../store/builds.ts'
import { variablesOf } from '../store/env.ts'
import { requirePackage } from '../store/packages.ts'
import { createRelease, releaseByNumber, releaseVariables } from '../store/releases.ts'
import type { ReadTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { releaseOrStart } from './sets.ts'

/** Runs a kept build again: a new release, with the variables of now or of an earlier release. */
export async function prepareRelease(run: Run, { build: number, envFrom }: InputOf<'release'>): Promise<void> {
  const { store } = run
  const build = await store.read((tx) => buildByNumber(tx, run.appId, number))
  if (!build) return refuse('NOT_FOUND', 'build', buildName(number))
  await requireImage(run, build)
  const built = builtOf(store.cipher, build)
  await store.write(['operations', 'sets'], async (tx) => {
    const variables = { ...built.generated, ...(await wantedVariables(tx, run, envFrom)) }
    requireVariables(built, variables)
    const from = envFrom === null ? '' : ` with the variables of ${releaseName(envFrom)}`
    const release = await createRelease(tx, store.cipher, {
      appId: run.appId,
      image: built.image,
      formation: built.formation,
      variables,
      commit: build.revision,
      reason: `release of ${buildName(number)}${from}`,
      author: run.operation.author,
      operationId: run.operation.id,
      build: number,
    })
    await releaseOrStart(tx, run, release)
  })
}

async function requireImage({ bringImage, signal, say }: Run, build: BuildRow): Promise<void> {
  requirePackage(build, 'release')
  const name = buildName(build.number)
  if (!(await bringImage(build.image ?? '', signal, say))) refuse('IMAGE_GONE', name, name)
}

async function wantedVariables(tx: ReadTx, { store, appId }: Run, envFrom: number | null): Promise<Variables> {
  if (envFrom === null) return await variablesOf(tx, store.cipher, appId)
  const release = await releaseByNumber(tx, appId, envFrom)
  return release ? releaseVariables(store.cipher, release) : refuse('NOT_FOUND', 'release', releaseName(envFrom))
}

export function requireVariables({ required }: Pick<Built, 'required'>, variables: Variables) {
  const missing = required.filter((name) => !Object.hasOwn(variables, name))
  if (missing.length > 0) {
    refuse('INVALID', 'configuration', `the app needs ${missing.join(', ')}: berth env set ${missing[0]}=…`)
  }
}
