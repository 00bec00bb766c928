import { refuse } from '../../model/refusal.ts'
import type { AppRow, PipelineRow } from './access.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'

type NewPipeline = { readonly name: string; readonly teamId: string; readonly stages: readonly string[] }

export async function createPipeline(tx: WriteTx, { name, teamId, stages }: NewPipeline): Promise<PipelineRow> {
  const taken = await tx.selectFrom('pipelines').select('id').where('name', '=', name).executeTakeFirst()
  if (taken) return refuse('NAME_TAKEN', 'pipeline', name)
  const row = { id: randomId(), name, team_id: teamId, created_at: now() }
  await tx.insertInto('pipelines').values(row).execute()
  const rows = stages.map((stage, position) => ({ pipeline_id: row.id, name: stage, position }))
  await tx.insertInto('stages').values(rows).execute()
  return row
}

export const removePipeline = (tx: WriteTx, id: string) => tx.deleteFrom('pipelines').where('id', '=', id).execute()

export const pipelinesOfTeam = (tx: ReadTx, teamId: string) =>
  tx.selectFrom('pipelines').selectAll().where('team_id', '=', teamId).orderBy('name').execute()

/** First to last. */
export async function stagesOf(tx: ReadTx, pipelineId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('stages')
    .select('name')
    .where('pipeline_id', '=', pipelineId)
    .orderBy('position')
    .execute()
  return rows.map(({ name }) => name)
}

/** An app is in one stage of one pipeline. */
export async function stageApp(tx: WriteTx, pipeline: PipelineRow, stage: string, app: AppRow): Promise<void> {
  const stages = await stagesOf(tx, pipeline.id)
  if (!stages.includes(stage)) refuse('NOT_FOUND', `stage (there are ${stages.join(', ')})`, stage)
  const values = { pipeline_id: pipeline.id, stage }
  const known = await placeOf(tx, app.id)
  if (known && known.pipeline_id !== pipeline.id)
    refuse('STATE', app.name, `add to ${pipeline.name}`, `in the pipeline ${known.pipeline}`, 'in none')
  await tx
    .insertInto('staged_apps')
    .values({ app_id: app.id, ...values })
    .onConflict((conflict) => conflict.column('app_id').doUpdateSet(values))
    .execute()
}

export async function unstageApp(tx: WriteTx, pipeline: PipelineRow, app: string): Promise<void> {
  const row = await tx.selectFrom('apps').select('id').where('name', '=', app).executeTakeFirst()
  const { numDeletedRows } = await tx
    .deleteFrom('staged_apps')
    .where('pipeline_id', '=', pipeline.id)
    .where('app_id', '=', row?.id ?? '')
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) refuse('NOT_FOUND', `app of ${pipeline.name}`, app)
}

/** Where an app stands, if in any pipeline. */
export const placeOf = (tx: ReadTx, appId: string) =>
  tx
    .selectFrom('staged_apps')
    .innerJoin('pipelines', 'pipelines.id', 'staged_apps.pipeline_id')
    .selectAll('staged_apps')
    .select('pipelines.name as pipeline')
    .where('app_id', '=', appId)
    .executeTakeFirst()

/** Of all stages, by name. */
export const appsOfPipeline = (tx: ReadTx, pipelineId: string) =>
  tx
    .selectFrom('staged_apps')
    .innerJoin('apps', 'apps.id', 'staged_apps.app_id')
    .selectAll('apps')
    .select('staged_apps.stage')
    .where('pipeline_id', '=', pipelineId)
    .orderBy('apps.name')
    .execute()

/** Names of the apps that an app is promoted to: those of the next stage. */
export async function nextApps(tx: ReadTx, app: AppRow): Promise<string[]> {
  const place = await placeOf(tx, app.id)
  if (!place) return refuse('STATE', app.name, 'promote', 'in no pipeline', 'in one, or told where to: --to APP')
  const stages = await stagesOf(tx, place.pipeline_id)
  const next = stages[stages.indexOf(place.stage) + 1]
  if (next === undefined)
    return refuse('STATE', app.name, 'promote', `in the last stage of ${place.pipeline}`, 'in an earlier one')
  const apps = (await appsOfPipeline(tx, place.pipeline_id)).filter(({ stage }) => stage === next)
  if (apps.length === 0)
    return refuse('STATE', app.name, 'promote', `before ${next}, where no app is`, 'before a stage with apps')
  return apps.map(({ name }) => name)
}
