import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Done, Id, Instant, integer, labelled } from './fields.ts'

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
  expiresAt: Instant.nullable(),
})

export const listTokens = endpoint({
  method: 'GET',
  path: '/tokens',
  summary: 'Your tokens, without the tokens themselves',
  access: 'signed-in',
  returns: z.array(Token),
})

export const createToken = endpoint({
  method: 'POST',
  path: '/tokens',
  summary: 'Make a token; this answer is the only one that holds it',
  access: 'signed-in',
  body: z.strictObject({
    name: labelled('name'),
    expiresInDays: integer(1, 3_650).optional(),
  }),
  returns: Token.extend({ token: z.string() }),
})

export const removeToken = endpoint({
  method: 'DELETE',
  path: '/tokens/:token',
  summary: 'Remove a token of yours by its id; what uses it is signed out at once',
  access: 'signed-in',
  params: z.strictObject({ token: Id }),
  returns: Done,
})
