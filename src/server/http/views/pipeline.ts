import type { z } from 'zod'
import type { Pipeline, Promotion } from '../../../contract/pipelines.ts'
import { type Actor, sees } from '../../../model/policy.ts'
import type { OperationRow, PipelineRow } from '../../store/access.ts'
import { factsOf } from '../../store/overview.ts'
import { appsOfPipeline, stagesOf } from '../../store/pipelines.ts'
import type * as promotions from '../../store/promotions.ts'
import type { ReadTx } from '../../store/store.ts'
import type { Settings } from '../context.ts'
import { appState } from './app.ts'
import { operationView } from './operation.ts'
import { appUrl } from './urls.ts'

type Viewer = { readonly actor: Actor; readonly settings: Settings }

export async function pipelineView(
  tx: ReadTx,
  row: PipelineRow,
  { actor, settings }: Viewer,
): Promise<z.input<typeof Pipeline>> {
  const team = await tx.selectFrom('teams').select('name').where('id', '=', row.team_id).executeTakeFirstOrThrow()
  const staged = (await appsOfPipeline(tx, row.id)).filter(({ team_id }) => sees(actor, team_id))
  const facts = await factsOf(tx, staged)
  const stages = (await stagesOf(tx, row.id)).map((name) => ({
    name,
    apps: facts
      .filter((_, at) => staged[at]?.stage === name)
      .map((one) => ({
        name: one.app.name,
        url: appUrl(one.app.name, settings),
        state: appState(one),
        release: one.live?.number ?? null,
        commit: one.live?.commit_id ?? null,
      })),
  }))
  return { name: row.name, team: team.name, stages, createdAt: row.created_at }
}

export const promotionView = (
  { from, to, release, isSame, commits, missing }: promotions.Promotion,
  operation?: OperationRow,
): z.input<typeof Promotion> => ({
  from: from.name,
  to: to.name,
  release: release.number,
  commit: release.commit_id,
  image: release.image,
  same: isSame,
  commits: [...commits],
  missing: [...missing],
  operation: operation ? operationView(operation) : null,
})
