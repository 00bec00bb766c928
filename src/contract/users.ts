import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, NewPassword, TeamName, UserName } from './fields.ts'

const Role = z.enum(['admin', 'member'], { error: 'must be admin or member' })

export const User = z.object({
  name: z.string(),
  role: Role,
  disabled: z.boolean(),
  teams: z.array(z.object({ name: z.string(), role: Role })),
  createdAt: Instant,
})

export const listUsers = endpoint({
  method: 'GET',
  path: '/users',
  summary: 'All users',
  access: 'user:manage',
  returns: z.array(User),
})

export const createUser = endpoint({
  method: 'POST',
  path: '/users',
  summary: 'Create a user; where no password is given one is made, and this answer is the only one that holds it',
  access: 'user:manage',
  body: z.strictObject({
    name: UserName,
    password: NewPassword.optional(),
    role: Role.default('member'),
    team: TeamName.optional().describe('A team to be a member of'),
  }),
  returns: User.extend({ password: z.string().nullable() }),
})

export const changeUser = endpoint({
  method: 'PATCH',
  path: '/users/:user',
  summary:
    'Disable or enable a user, change the role, or set a new password; keys and tokens of a disabled user stop working',
  access: 'user:manage',
  params: z.strictObject({ user: UserName }),
  body: z.strictObject({ disabled: z.boolean().optional(), role: Role.optional(), password: NewPassword.optional() }),
  returns: User,
})
