import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant } from './fields.ts'

export const health = endpoint({
  method: 'GET',
  path: '/health',
  summary: 'Answers 200 when the server is ready',
  access: 'anyone',
  returns: z.object({ ready: z.literal(true) }),
})

export const Status = z.object({
  version: z.string(),
  domain: z.string(),
  startedAt: Instant,
  counts: z.object({
    users: z.number(),
    teams: z.number(),
    apps: z.number(),
    releases: z.number(),
    openOperations: z.number(),
    instances: z.number(),
    healthyInstances: z.number(),
  }),
  nodes: z.array(z.object({ node: z.string(), seenAt: Instant, revision: z.number(), routed: z.number() })),
})

export const platformStatus = endpoint({
  method: 'GET',
  path: '/status',
  summary: 'Version, counts and nodes of the installation',
  access: 'platform:read',
  returns: Status,
})
