import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, limit, TeamName, whole } from './fields.ts'

export const Event = z.object({
  id: z.number(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  team: z.string().nullable(),
  /** The address that the request came from. */
  source: z.string(),
  /** `ok`, or the code of the refusal. */
  result: z.string(),
})

const page = z.strictObject({ limit: limit(1_000), before: whole(1, Number.MAX_SAFE_INTEGER).optional() })

export const listEvents = endpoint({
  method: 'GET',
  path: '/events',
  summary: 'Who did what: the events of the installation, newest first',
  access: 'platform:read',
  query: page,
  returns: z.array(Event),
})

export const listTeamEvents = endpoint({
  method: 'GET',
  path: '/teams/:team/events',
  summary: 'Who did what: the events of a team, newest first',
  access: 'team:manage',
  params: z.strictObject({ team: TeamName }),
  query: page,
  returns: z.array(Event),
})
