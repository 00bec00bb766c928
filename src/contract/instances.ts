import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Instant } from './fields.ts'

export const Instance = z.object({
  id: z.string(),
  process: z.string(),
  release: z.number(),
  node: z.string(),
  state: z.enum(['starting', 'running', 'exited']),
  health: z.enum(['unknown', 'healthy', 'unhealthy']),
  /** What the router does with its set: starting (probed), live (gets requests), draining; gone: only a memory. */
  role: z.enum(['starting', 'live', 'draining', 'gone']),
  exitCode: z.number().nullable(),
  oomKilled: z.boolean(),
  /** Why it is not healthy. */
  note: z.string(),
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
})

export const listInstances = endpoint({
  method: 'GET',
  path: '/apps/:app/instances',
  summary: 'Instances of an app, as last seen',
  access: 'app:read',
  params: z.strictObject({ app: AppName }),
  returns: z.array(Instance),
})
