import {
  cancellable,
  isOver,
  type OperationInput,
  type OperationKind,
  type Outcome,
  type Phase,
} from '../../model/operation.ts'
import { refusal, refuse } from '../../model/refusal.ts'
import type { AppRow, OperationRow } from './access.ts'
import { supersedeQueuedBuilds } from './buildQueue.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'

/** For what has to be named before its row is written (a folder, a log). */
export const newOperationId = () => randomId()

/** Queues one operation. A new deploy supersedes those of the same app that still wait. */
export async function requestOperation(
  tx: WriteTx,
  app: AppRow,
  input: OperationInput,
  author: string,
  id = newOperationId(),
): Promise<OperationRow> {
  if (app.destroying && input.kind !== 'destroy') refuseDestroyed(app, input.kind)
  if (input.kind === 'deploy') await supersedeWaitingDeploys(tx, app.id, id)
  return await tx
    .insertInto('operations')
    .values({
      id,
      kind: input.kind,
      app_id: app.id,
      app: app.name,
      team_id: app.team_id,
      state: 'queued',
      phase: 'queued',
      input: JSON.stringify(input),
      author,
      release_number: null,
      error_code: null,
      error_message: null,
      cancel_by: null,
      steps: '[]',
      created_at: now(),
      started_at: null,
      finished_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

const refuseDestroyed = (app: AppRow, action: string) =>
  refuse('STATE', app.name, action, 'being destroyed', 'an app that stays')

/** From this moment on nothing else can be asked of the app, and what goes on ends. Asked again only after a failure. */
export async function requestDestroy(tx: WriteTx, app: AppRow, author: string): Promise<OperationRow> {
  const open = (await openOperations(tx)).filter(({ app_id }) => app_id === app.id)
  if (open.some(({ kind }) => kind === 'destroy')) refuseDestroyed(app, 'destroy')
  for (const one of open.filter(isCancellable)) await requestCancel(tx, one, `${author}, who destroys the app`)
  const operation = await requestOperation(tx, app, { kind: 'destroy' }, author)
  await tx.updateTable('apps').set({ destroying: 1 }).where('id', '=', app.id).execute()
  return operation
}

/** Those that have not begun, and those whose build has not. */
async function supersedeWaitingDeploys(tx: WriteTx, appId: string, by: string) {
  const { code, message } = refusal('SUPERSEDED', by)
  const builds = await supersedeQueuedBuilds(tx, appId, { code, message })
  await tx
    .updateTable('operations')
    .set({ state: 'superseded', phase: 'done', error_code: code, error_message: message, finished_at: now() })
    .where('app_id', '=', appId)
    .where('kind', '=', 'deploy')
    .where((or) => or.or([or('state', '=', 'queued'), or.and([or('state', '=', 'running'), or('id', 'in', builds)])]))
    .execute()
}

export const inputOf = (row: Pick<OperationRow, 'input'>) => JSON.parse(row.input) as OperationInput

/** Not ended yet, oldest first. */
export const openOperations = (tx: ReadTx) =>
  tx.selectFrom('operations').selectAll().where('state', 'in', ['queued', 'running']).orderBy('seq').execute()

export const operationById = (tx: ReadTx, id: string) =>
  tx.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst()

export type OperationFilter = {
  readonly appId?: string
  readonly teamIds?: readonly string[]
  readonly kind?: OperationKind | undefined
  /** Only those older than the operation with this id. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Newest first. */
export async function listOperations(tx: ReadTx, filter: OperationFilter): Promise<OperationRow[]> {
  let query = tx.selectFrom('operations').selectAll().orderBy('seq', 'desc').limit(filter.limit)
  if (filter.appId !== undefined) query = query.where('app_id', '=', filter.appId)
  if (filter.teamIds !== undefined) query = query.where('team_id', 'in', filter.teamIds)
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  if (filter.before !== undefined) query = query.where('seq', '<', (await operationById(tx, filter.before))?.seq ?? 0)
  return await query.execute()
}

export type Step = { readonly phase: Phase; readonly at: string }

/** Somebody else has ended the operation: nothing is left to do for it. */
export class OperationOver extends Error {
  override readonly name = 'OperationOver'
}

/** Takes an operation one phase on and notes when; throws CANCELLED where that was asked for in time. */
export async function enterPhase(tx: WriteTx, { id }: Pick<OperationRow, 'id'>, phase: Phase): Promise<void> {
  const row = await operationById(tx, id)
  if (!row || isOver(row.state)) throw new OperationOver(id)
  if (row.cancel_by !== null && isCancellable(row)) refuse('CANCELLED', row.cancel_by)
  const steps = [...(JSON.parse(row.steps) as Step[]), { phase, at: now() }]
  await tx
    .updateTable('operations')
    .set({ state: 'running', phase, steps: JSON.stringify(steps), started_at: row.started_at ?? now() })
    .where('id', '=', id)
    .execute()
}

export async function endOperation(
  tx: WriteTx,
  id: string,
  state: 'succeeded' | 'failed' | 'cancelled',
  outcome?: Outcome,
): Promise<void> {
  await tx
    .updateTable('operations')
    .set({
      state,
      phase: 'done',
      error_code: outcome?.code ?? null,
      error_message: outcome?.message ?? null,
      finished_at: now(),
    })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .execute()
}

const isCancellable = ({ state, phase }: Pick<OperationRow, 'state' | 'phase'>) =>
  !isOver(state) && cancellable.includes(phase)

/** The end of exactly this operation: at once while it waits, else as soon as it hears of it. Not past the swap. */
export async function requestCancel(tx: WriteTx, operation: OperationRow, by: string): Promise<void> {
  if (!isCancellable(operation)) {
    const state = isOver(operation.state) ? operation.state : operation.phase
    refuse('STATE', `operation ${operation.id}`, 'cancel', state, cancellable.join(', '))
  }
  await tx.updateTable('operations').set({ cancel_by: by }).where('id', '=', operation.id).execute()
  if (operation.state !== 'queued' || operation.kind === 'run') return
  await endOperation(tx, operation.id, 'cancelled', refusal('CANCELLED', by))
  if (operation.kind === 'destroy' && operation.app_id)
    await tx.updateTable('apps').set({ destroying: 0 }).where('id', '=', operation.app_id).execute()
}
