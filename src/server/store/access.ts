import type { Selectable } from 'kysely'
import { type Action, type Actor, deeds, may, sees } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import type { ReadTx } from './store.ts'
import type { Tables } from './tables.ts'

export type AppRow = Selectable<Tables['apps']>
export type TeamRow = Selectable<Tables['teams']>
export type PipelineRow = Selectable<Tables['pipelines']>
export type OperationRow = Selectable<Tables['operations']>

/**
 * The one door: a handler gets an app, a team or an operation only from here. What an actor may not see does not exist
 * for them (NOT_FOUND); what they see but may not do is FORBIDDEN.
 */
export async function authorizeApp(tx: ReadTx, actor: Actor, action: Action, name: string): Promise<AppRow> {
  const app = await tx.selectFrom('apps').selectAll().where('name', '=', name).executeTakeFirst()
  if (!app || !sees(actor, app.team_id)) return refuse('NOT_FOUND', 'app', name)
  return permitted(actor, action, app.team_id, `app ${name}`, app)
}

export async function authorizeTeam(tx: ReadTx, actor: Actor, action: Action, name: string): Promise<TeamRow> {
  const team = await tx.selectFrom('teams').selectAll().where('name', '=', name).executeTakeFirst()
  if (!team || !sees(actor, team.id)) return refuse('NOT_FOUND', 'team', name)
  return permitted(actor, action, team.id, `team ${name}`, team)
}

export async function authorizePipeline(tx: ReadTx, actor: Actor, action: Action, name: string): Promise<PipelineRow> {
  const pipeline = await tx.selectFrom('pipelines').selectAll().where('name', '=', name).executeTakeFirst()
  if (!pipeline || !sees(actor, pipeline.team_id)) return refuse('NOT_FOUND', 'pipeline', name)
  return permitted(actor, action, pipeline.team_id, `pipeline ${name}`, pipeline)
}

export async function authorizeOperation(tx: ReadTx, actor: Actor, action: Action, id: string): Promise<OperationRow> {
  const operation = await tx.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst()
  if (!operation || !sees(actor, operation.team_id)) return refuse('NOT_FOUND', 'operation', id)
  return permitted(actor, action, operation.team_id, `operation ${id}`, operation)
}

/** For what belongs to no team: users, the platform itself. */
export function authorizePlatform(actor: Actor, action: Action): void {
  if (!may(actor, action, null)) refuse('FORBIDDEN', deeds[action]('this installation'))
}

function permitted<T>(actor: Actor, action: Action, teamId: string, what: string, thing: T): T {
  if (!may(actor, action, teamId)) refuse('FORBIDDEN', deeds[action](what))
  return thing
}
