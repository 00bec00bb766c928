import { randomBytes } from 'node:crypto'
import { refuse } from '../../model/refusal.ts'
import { type Built, releaseName } from '../../model/release.ts'
import { type Env, envOf, replaceEnv } from '../store/apps.ts'
import { inputOf } from '../store/operations.ts'
import { createRelease, releaseOfOperation } from '../store/releases.ts'
import { markSecret } from '../store/secrets.ts'
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
    log: run.say,
    signal: run.signal,
  })
  requireVariables(built, env)
  const release = await makeRelease(run, built, { ...generatedEnv(built, env), ...env })
  await run.say(`-----> Created release ${releaseName(release.number)}`)
}

function requireVariables({ required }: Built, env: Env) {
  const missing = required.filter((name) => !(name in env))
  if (missing.length > 0) {
    refuse('INVALID', 'configuration', `the app needs ${missing.join(', ')}: berth env set ${missing[0]}=…`)
  }
}

const generatedEnv = ({ generated }: Built, env: Env): Env =>
  Object.fromEntries(
    generated.filter((name) => !(name in env)).map((name) => [name, randomBytes(32).toString('hex')] as const),
  )

function makeRelease(run: Run, built: Built, env: Env) {
  const { store, operation } = run
  const input = inputOf(operation) as InputOf<'deploy'>
  return store.write(['operations', 'sets', 'apps'], async (tx) => {
    const known = await releaseOfOperation(tx, operation.id)
    if (known) return known
    if (built.generated.length > 0) await replaceEnv(tx, store.cipher, run.appId, env)
    await markSecret(tx, run.appId, built.generated)
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
