import type { z } from 'zod'
import type { Operation } from '../../../contract/operations.ts'
import { buildName } from '../../../model/build.ts'
import type { OperationInput } from '../../../model/operation.ts'
import { releaseName } from '../../../model/release.ts'
import { sourceText } from '../../../model/source.ts'
import type { OperationRow } from '../../store/access.ts'
import { inputOf, type Step } from '../../store/operations.ts'

export const operationView = (row: OperationRow): z.input<typeof Operation> => ({
  id: row.id,
  app: row.app,
  kind: row.kind,
  about: about(inputOf(row)),
  state: row.state,
  phase: row.phase,
  author: row.author,
  release: row.release_number,
  error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  cancelledBy: row.cancel_by,
  steps: JSON.parse(row.steps) as Step[],
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
})

/** Names and numbers only: a value or an argument may be a secret. */
function about(input: OperationInput): string {
  switch (input.kind) {
    case 'deploy':
      return [input.commit?.slice(0, 8) ?? sourceText(input.source), input.message]
        .filter((part) => part !== '')
        .join(' ')
    case 'env':
      return [...Object.keys(input.set), ...input.unset.map((name) => `-${name}`)].join(' ')
    case 'rollback':
      return `to ${releaseName(input.to)}`
    case 'release':
      return `${buildName(input.build)}${input.envFrom === null ? '' : ` with the variables of ${releaseName(input.envFrom)}`}`
    case 'restart':
      return input.processes.join(' ') || 'all processes'
    case 'scale':
      return Object.entries(input.scales).map(scaleWord).join(' ')
    case 'run':
      return input.command[0]?.slice(0, 100) ?? ''
    case 'destroy':
      return ''
  }
}

const scaleWord = ([process, { count, memoryMb, cpu }]: [
  string,
  { count?: number; memoryMb?: number; cpu?: number },
]) =>
  [
    `${process}${count === undefined ? '' : `=${count}`}`,
    ...(memoryMb === undefined ? [] : [`memory=${memoryMb}M`]),
    ...(cpu === undefined ? [] : [`cpu=${cpu}`]),
  ].join(' ')
