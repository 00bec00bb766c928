import { retryBuild } from '../../../contract/builds.ts'
import { buildName, isBuildOver } from '../../../model/build.ts'
import { refuse } from '../../../model/refusal.ts'
import { originOf, type Source } from '../../../model/source.ts'
import { type BuildRow, sourceOfBuild, sourcesToKeep } from '../../store/builds.ts'
import { requestOperation } from '../../store/operations.ts'
import type { ReadTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handle(retryBuild, async (_, call) => {
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    const build = await wantedBuild(tx, app, call.params.number)
    if (!isBuildOver(build.state)) refuse('STATE', buildName(build.number), 'retry', build.state, 'over')
    const { revision: commit, message, author } = build
    const changelog = JSON.parse(build.changelog) as string[]
    const source = await sourceAgain(tx, build, app.name)
    return await requestOperation(
      tx,
      app,
      { kind: 'deploy', source, commit, message, author, changelog },
      call.actor.name,
    )
  })
  return operationView(row)
})

/** The files as they were, or that revision of the repository; an image is taken again, for there are no files of it. */
async function sourceAgain(tx: ReadTx, build: BuildRow, app: string): Promise<Source> {
  const source = sourceOfBuild(build)
  if (source.kind === 'image' || source.kind === 'release') return source
  const kept = await sourcesToKeep(tx, build.app_id)
  const origin = originOf(source, build.revision, app)
  if (!kept.includes(build.number) && !origin) refuse('SOURCE_GONE', buildName(build.number))
  return { kind: 'build', number: build.number, ...(origin && { origin }) }
}
