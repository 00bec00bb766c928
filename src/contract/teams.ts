import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Done, Instant, TeamName, UserName } from './fields.ts'

const Role = z.enum(['admin', 'member'], { error: 'must be admin or member' })

export const Team = z.object({ name: z.string(), apps: z.number(), members: z.number(), createdAt: Instant })
export const Member = z.object({ user: z.string(), role: Role })

const one = z.strictObject({ team: TeamName })
const member = z.strictObject({ team: TeamName, user: UserName })

export const listTeams = endpoint({
  method: 'GET',
  path: '/teams',
  summary: 'The teams that you see',
  access: 'signed-in',
  returns: z.array(Team),
})

export const createTeam = endpoint({
  method: 'POST',
  path: '/teams',
  summary: 'Create a team',
  access: 'team:create',
  body: z.strictObject({ name: TeamName }),
  returns: Team,
})

export const listMembers = endpoint({
  method: 'GET',
  path: '/teams/:team/members',
  summary: 'Members of a team',
  access: 'team:read',
  params: one,
  returns: z.array(Member),
})

export const setMember = endpoint({
  method: 'POST',
  path: '/teams/:team/members',
  summary: 'Take a user into a team, or change the role there',
  access: 'team:manage',
  params: one,
  body: z.strictObject({ user: UserName, role: Role.default('member') }),
  returns: Member,
})

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/teams/:team/members/:user',
  summary: 'Take a user out of a team',
  access: 'team:manage',
  params: member,
  returns: Done,
})
