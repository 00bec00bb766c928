import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Flag, Id, Instant, limit, whole } from './fields.ts'

export const OperationKind = z.enum(['deploy', 'env', 'rollback', 'release', 'restart', 'scale', 'destroy', 'run'])

export const Operation = z.object({
  id: z.string(),
  app: z.string(),
  kind: OperationKind,
  /** What it is about, in words: a commit and its message, names of variables, a version. */
  about: z.string(),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'superseded']),
  phase: z.enum(['queued', 'building', 'releasing', 'gating', 'swapping', 'finishing', 'done']),
  author: z.string(),
  /** The number of the release that it made. */
  release: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Who asked for its end. */
  cancelledBy: z.string().nullable(),
  steps: z.array(z.object({ phase: z.string(), at: Instant })),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
})

/** One line of an operation's log. */
export const OperationLine = z.object({ text: z.string() })

const one = z.strictObject({ operation: Id })
const page = z.strictObject({
  kind: OperationKind.optional(),
  limit: limit(),
  before: Id.optional().describe('Id of the last operation of the page before'),
})

export const listOperations = endpoint({
  method: 'GET',
  path: '/operations',
  summary: 'Operations of all apps that you see, newest first',
  access: 'signed-in',
  query: page,
  returns: z.array(Operation),
})

export const listAppOperations = endpoint({
  method: 'GET',
  path: '/apps/:app/operations',
  summary: 'Operations of an app, newest first',
  access: 'app:read',
  params: z.strictObject({ app: AppName }),
  query: page,
  returns: z.array(Operation),
})

export const showOperation = endpoint({
  method: 'GET',
  path: '/operations/:operation',
  summary: 'One operation; with `wait`, answered when it is over or the seconds have passed',
  access: 'operation:read',
  params: one,
  query: z.strictObject({ wait: whole(0, 60).default(0).describe('Seconds to wait for its end') }),
  returns: Operation,
})

export const operationLog = endpoint({
  method: 'GET',
  path: '/operations/:operation/log',
  summary: 'The log of an operation; with `follow`, until it is over',
  access: 'operation:read',
  params: one,
  query: z.strictObject({ follow: Flag.default(false) }),
  returns: OperationLine,
  carries: 'lines',
})

export const cancelOperation = endpoint({
  method: 'POST',
  path: '/operations/:operation/cancel',
  summary: 'Ask for the end of exactly this operation',
  access: 'operation:cancel',
  params: one,
  returns: Operation,
})
