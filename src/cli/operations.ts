import type { Operation } from './follow.ts'
import { stateCell } from './states.ts'
import { details, table } from './table.ts'
import { lasted, when } from './time.ts'

export const operationTable = (operations: readonly Operation[]) =>
  table(
    ['OPERATION', 'APP', 'KIND', 'STATE', 'STARTED', 'TOOK', 'BY', 'ABOUT'],
    operations.map((operation) => [
      operation.id,
      operation.app,
      operation.kind,
      stateCell(operation.state),
      when(operation.createdAt),
      tookOf(operation),
      operation.author,
      operation.error?.message ?? operation.about,
    ]),
    'no operations yet',
  )

export const operationDetails = (operation: Operation) =>
  details([
    ['operation', operation.id],
    ['app', operation.app],
    ['kind', operation.kind],
    ['about', operation.about],
    ['state', stateCell(operation.state)],
    ['phase', operation.phase],
    ['reason', operation.error?.message],
    ['release', operation.release && `v${operation.release}`],
    ['by', operation.author],
    ['cancelled by', operation.cancelledBy],
    ['asked for', when(operation.createdAt)],
    ['took', tookOf(operation)],
    ...operation.steps.map(({ phase, at }) => [`since ${phase}`, at] as const),
  ])

const tookOf = ({ startedAt, finishedAt }: Operation) =>
  startedAt && finishedAt ? lasted(Date.parse(finishedAt) - Date.parse(startedAt)) : undefined
