import { type Action, type Actor, actions } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import {
  type AppRow,
  authorizeApp,
  authorizeOperation,
  authorizePipeline,
  authorizePlatform,
  authorizeTeam,
  type OperationRow,
  type PipelineRow,
  type TeamRow,
} from '../store/access.ts'
import type { ReadTx } from '../store/store.ts'
import type { Call } from './call.ts'

type Asker = Pick<Call, 'actor' | 'endpoint' | 'subject'>
type With<Name extends string> = Asker & { readonly params: Readonly<Record<Name, string>> }

/** The thing that the endpoint's path names, if the asker may do to it what the contract says. */
export const authorizedApp = (tx: ReadTx, call: With<'app'>): Promise<AppRow> => {
  const name = call.params.app
  return thing(tx, call, `app ${name}`, (tx, actor, action) => authorizeApp(tx, actor, action, name))
}

export const authorizedOperation = (tx: ReadTx, call: With<'operation'>): Promise<OperationRow> => {
  const id = call.params.operation
  return thing(tx, call, `operation ${id}`, (tx, actor, action) => authorizeOperation(tx, actor, action, id))
}

export const authorizedPipeline = (tx: ReadTx, call: With<'pipeline'>): Promise<PipelineRow> => {
  const name = call.params.pipeline
  return thing(tx, call, `pipeline ${name}`, (tx, actor, action) => authorizePipeline(tx, actor, action, name))
}

export const authorizedTeam = (tx: ReadTx, call: With<'team'>): Promise<TeamRow> => inTeam(tx, call, call.params.team)

/** For what a team is named for in the body. */
export async function inTeam(tx: ReadTx, call: Asker, name: string): Promise<TeamRow> {
  const authorize = (tx: ReadTx, actor: Actor, action: Action) => authorizeTeam(tx, actor, action, name)
  const team = await thing(tx, call, `team ${name}`, async (tx, actor, action) => {
    const row = await authorize(tx, actor, action)
    return { ...row, team_id: row.id }
  })
  return team
}

export function onPlatform(call: Asker, target = 'the installation'): void {
  const action = actionOf(call)
  call.subject.target = target
  call.subject.again = (_, actor) => authorizePlatform(actor, action)
  authorizePlatform(call.actor, action)
}

async function thing<T extends { readonly team_id: string }>(
  tx: ReadTx,
  call: Asker,
  target: string,
  authorize: (tx: ReadTx, actor: Actor, action: Action) => Promise<T>,
): Promise<T> {
  const action = actionOf(call)
  call.subject.target = target
  call.subject.again = (tx, actor) => authorize(tx, actor, action)
  const found = await authorize(tx, call.actor, action)
  call.subject.teamId = found.team_id
  return found
}

function actionOf({ endpoint }: Asker): Action {
  const { access } = endpoint
  return Object.hasOwn(actions, access) ? (access as Action) : refuse('UNEXPECTED', `access ${access}`)
}
