import { isBuildOver } from '../../model/build.ts'
import { type Code, Refusal } from '../../model/refusal.ts'
import { type Built, releaseName } from '../../model/release.ts'
import { type BuildRow, buildById, builtOf, ensureBuild } from '../store/builds.ts'
import { addVariables, changeEnvNow, variablesOf } from '../store/env.ts'
import { lookUntil } from '../store/lookUntil.ts'
import { inputOf } from '../store/operations.ts'
import { notePreviewUsed } from '../store/previews.ts'
import { createRelease, listReleases, releaseOfOperation } from '../store/releases.ts'
import { markSecret } from '../store/secrets.ts'
import type { WriteTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { requireVariables } from './releaseBuild.ts'
import { releaseOrStart } from './sets.ts'

/** Wants a build, waits until the builder is done with it, and makes a release of it. */
export async function building(run: Run): Promise<void> {
  const build = await builtBuild(run)
  if (!build) return
  const release = await makeRelease(run, build)
  await run.say(`-----> Created release ${releaseName(release.number)}`)
}

/** Also when the operation is cancelled: the builder hears of that, and says when it has let go. */
async function builtBuild(run: Run): Promise<BuildRow | undefined> {
  const { store, stop: signal } = run
  let build = await wantedBuild(run)
  await lookUntil({ store, topics: ['builds', 'operations'], everyMs: 10_000, signal }, async () => {
    build = (await store.read((tx) => buildById(tx, build.id))) ?? build
    return isBuildOver(build.state)
  })
  if (!isBuildOver(build.state)) return undefined
  if (build.state !== 'succeeded') throw new Refusal(build.error_code as Code, build.error_message ?? '')
  return build
}

function wantedBuild({ store, operation }: Run): Promise<BuildRow> {
  const { source, commit, message, author, changelog } = inputOf(operation) as InputOf<'deploy'>
  const wanted = { source, revision: commit, author: author ?? null, message, changelog: changelog ?? [] }
  return store.write('builds', (tx) => ensureBuild(tx, operation, wanted))
}

function makeRelease(run: Run, build: BuildRow) {
  const { store, operation } = run
  const built = builtOf(store.cipher, build)
  return store.write(['operations', 'sets', 'apps'], async (tx) => {
    const known = await releaseOfOperation(tx, operation.id)
    if (known) return known
    await applyOverrides(tx, run, built)
    const variables = await variablesOf(tx, store.cipher, run.appId)
    requireVariables(built, variables)
    await keepGenerated(tx, run, built.generated)
    const release = await createRelease(tx, store.cipher, {
      appId: run.appId,
      image: built.image,
      formation: built.formation,
      variables: { ...built.generated, ...variables },
      commit: build.revision,
      reason: `deploy ${build.revision?.slice(0, 8) ?? 'of a folder:'} ${build.message}`.trim(),
      author: operation.author,
      operationId: operation.id,
      build: build.number,
    })
    await notePreviewUsed(tx, run.appId)
    await releaseOrStart(tx, run, release)
    return release
  })
}

/** What a preview inherited gives way to what app.json says of previews; what is set in the preview itself later does not. */
async function applyOverrides(tx: WriteTx, { appId }: Run, { overrides = [] }: Built): Promise<void> {
  const [before] = await listReleases(tx, appId, 1)
  if (!before && overrides.length > 0) await changeEnvNow(tx, appId, { set: {}, unset: overrides })
}

async function keepGenerated(tx: WriteTx, { store, appId }: Run, generated: Built['generated']) {
  const names = Object.keys(generated)
  if (names.length === 0) return
  await addVariables(tx, store.cipher, appId, generated)
  await markSecret(tx, appId, names)
}
