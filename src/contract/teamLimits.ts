import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { integer, TeamName } from './fields.ts'

const bounds = {
  builds: integer(1, 1_000).describe('at once'),
  memoryMb: integer(64, 16_777_216).describe('of each step'),
  cpu: z.number().min(0.1, 'must be at least 0.1').max(256, 'must be at most 256').describe('of each step'),
  pids: integer(16, 4_194_304).describe('of each step'),
  ioMb: integer(0, 1_000_000).describe('per second, of each step; 0 for no limit'),
  seconds: integer(1, 604_800).describe('that a build may take'),
}

const own = z.strictObject({
  builds: bounds.builds.nullable(),
  memoryMb: bounds.memoryMb.nullable(),
  cpu: bounds.cpu.nullable(),
  pids: bounds.pids.nullable(),
  ioMb: bounds.ioMb.nullable(),
  seconds: bounds.seconds.nullable(),
})

const numbers = z.object({
  builds: z.number(),
  memoryMb: z.number(),
  cpu: z.number(),
  pids: z.number(),
  ioMb: z.number(),
  seconds: z.number(),
})

const TeamLimits = z.object({
  own: own.describe('null is what the installation has'),
  effective: numbers.describe('what builds are bound by'),
})

const one = z.strictObject({ team: TeamName })

export const showTeamLimits = endpoint({
  method: 'GET',
  path: '/teams/:team/limits',
  summary: 'What the builds of a team are bound by',
  access: 'team:read',
  params: one,
  returns: TeamLimits,
})

export const changeTeamLimits = endpoint({
  method: 'PATCH',
  path: '/teams/:team/limits',
  summary: 'Bind the builds of a team otherwise than those of others; null is as for others',
  access: 'team:limit',
  params: one,
  body: own.partial(),
  returns: TeamLimits,
})
