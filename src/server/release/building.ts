import { log } from '../../lib/log.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, releaseName } from '../../model/release.ts'
import { type Env, envOf, replaceEnv } from '../store/apps.ts'
import { inputOf } from '../store/operations.ts'
import { createRelease, releaseOfOperation } from '../store/releases.ts'
import { markSecret } from '../store/secrets.ts'
import type { WriteTx } from '../store/store.ts'
import type { InputOf, Run } from './parts.ts'
import { releaseOrStart } from './sets.ts'

/** Source to image to release row. Done again from the kept source when the server died in the middle. */
export async function building(run: Run): Promise<void> {
  const { store, operation } = run
  const env = await store.read((tx) => envOf(tx, store.cipher, run.appId))
  const built = await run.build({
    app: operation.app,
    team: operation.team_id,
    id: operation.id,
    source: run.sourceOf(operation.id),
    env,
    log: (line) => void run.say(line).catch((error) => log.warn({ error, operation: operation.id }, 'a line is lost')),
    signal: run.signal,
  })
  requireVariables(built, env)
  const release = await makeRelease(run, built, { ...built.generated, ...env })
  await run.say(`-----> Created release ${releaseName(release.number)}`)
}

function requireVariables({ required }: Built, env: Env) {
  const missing = required.filter((name) => !(name in env))
  if (missing.length > 0) {
    refuse('INVALID', 'configuration', `the app needs ${missing.join(', ')}: berth env set ${missing[0]}=…`)
  }
}

function makeRelease(run: Run, built: Built, env: Env) {
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
      env,
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
  const env = await envOf(tx, store.cipher, appId)
  await replaceEnv(tx, store.cipher, appId, { ...generated, ...env })
  await markSecret(tx, appId, names)
}
