import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Done, Instant, NewPassword, Password, UserName } from './fields.ts'

export const Whoami = z.object({
  name: z.string(),
  role: z.enum(['admin', 'member']).describe('admin: an operator of the installation'),
  teams: z.array(z.object({ name: z.string(), role: z.enum(['admin', 'member']) })),
})

export const login = endpoint({
  method: 'POST',
  path: '/sessions',
  summary: 'Sign in with name and password; gives a token that ends after 90 days',
  access: 'anyone',
  body: z.strictObject({ name: UserName, password: Password }),
  returns: z.object({ token: z.string(), expiresAt: Instant, user: Whoami }),
})

export const logout = endpoint({
  method: 'DELETE',
  path: '/sessions',
  summary: 'Remove the token that this request came with',
  access: 'signed-in',
  returns: Done,
})

export const whoami = endpoint({
  method: 'GET',
  path: '/whoami',
  summary: 'Who you are, and your teams',
  access: 'signed-in',
  returns: Whoami,
})

export const changePassword = endpoint({
  method: 'POST',
  path: '/whoami/password',
  summary: 'Change your password; other tokens of yours stay',
  access: 'signed-in',
  body: z.strictObject({ current: Password, next: NewPassword }),
  returns: Done,
})
