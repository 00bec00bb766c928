import { log } from '../../lib/log.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, releaseName } from '../../model/release.ts'
import type { Variables } from '../../model/variables.ts'
import { addVariables, variablesOf } from '../store/env.ts'
import { inputOf } from '../store/operations.ts'
import { createRelease, releaseOfOperation } from '../store/releases.ts'
import { markSecret } from '../store/secrets.ts'
import type { WriteTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { releaseOrStart } from './sets.ts'

/** Source to image to release row. Done again from the kept source when the server died in the middle. */
export async function building(run: Run): Promise<void> {
  const { store, operation } = run
  const variables = await store.read((tx) => variablesOf(tx, store.cipher, run.appId))
  const built = await run.build({
    app: operation.app,
    team: operation.team_id,
    id: operation.id,
    source: run.sourceOf(operation.id),
    variables,
    log: (line) => void run.say(line).catch((error) => log.warn({ error, operation: operation.id }, 'a line is lost')),
    signal: run.signal,
  })
  requireVariables(built, variables)
  const release = await makeRelease(run, built, { ...built.generated, ...variables })
  await run.say(`-----> Created release ${releaseName(release.number)}`)
}

function requireVariables({ required }: Built, variables: Variables) {
  const missing = required.filter((name) => !Object.hasOwn(variables, name))
  if (missing.length > 0) {
    refuse('INVALID', 'configuration', `the app needs ${missing.join(', ')}: berth env set ${missing[0]}=…`)
  }
}

function makeRelease(run: Run, built: Built, variables: Variables) {
  const { store, operation } = run
  const input = inputOf(operation) as InputOf<'deploy'>
  return store.write(['operations', 'sets', 'apps'], async (tx) => {
    const known = await releaseOfOperation(tx, operation.id)
    if (known) return known
    await keepGenerated(tx, run, built.generated)
    const release = await createRelease(tx, store.cipher, {
      appId: run.appId,
      image: built.image,
      formation: built.formation,
      variables,
      commit: input.commit,
      reason: `deploy ${input.commit?.slice(0, 8) ?? 'of a folder:'} ${input.message}`.trim(),
      author: operation.author,
      operationId: operation.id,
    })
    await releaseOrStart(tx, run, release)
    return release
  })
}

/** Variables set or staged while it was building stay as they are. */
async function keepGenerated(tx: WriteTx, { store, appId }: Run, generated: Built['generated']) {
  const names = Object.keys(generated)
  if (names.length === 0) return
  await addVariables(tx, store.cipher, appId, generated)
  await markSecret(tx, appId, names)
}
