import { z } from 'zod'
import { scopes } from '../model/variables.ts'
import { endpoint } from './endpoint.ts'
import { AppName, EnvName, EnvValue, Flag, Instant } from './fields.ts'
import { Operation } from './operations.ts'

export const Scope = z.enum(scopes).describe('who sees it: containers (run), the build, or both')

export const Variable = z.object({
  name: z.string(),
  scope: Scope,
  /** Written once, never read again. A name that held a secret stays one. */
  secret: z.boolean(),
  /** Null unless values were asked for, and always for a secret. */
  value: z.string().nullable(),
  updatedAt: Instant,
})

const one = z.strictObject({ app: AppName })

export const listEnv = endpoint({
  method: 'GET',
  path: '/apps/:app/env',
  summary:
    'Variables of an app; `values=true` adds the values of those that are not secret, and is noted in the events',
  access: 'app:configure',
  params: one,
  query: z.strictObject({ values: Flag.default(false) }),
  returns: z.array(Variable),
})

const Change = z.strictObject({
  value: EnvValue.optional().describe('The value that is there stays where none is given'),
  secret: z.boolean().optional(),
  scope: Scope.optional().describe('As it is, or `run` for a new variable'),
})

export const changeEnv = endpoint({
  method: 'PATCH',
  path: '/apps/:app/env',
  summary: 'Set and unset variables: one new release, or none with `release=false` (they join the next one)',
  access: 'app:configure',
  params: one,
  query: z.strictObject({ release: Flag.default(true) }),
  body: z.strictObject({
    set: z.record(EnvName, Change).default({}),
    unset: z.array(EnvName).max(1_000).default([]),
  }),
  returns: z.object({
    env: z.array(z.string()).describe('Names of all variables after the change'),
    operation: Operation.nullable().describe('Null where nothing has to be released, such as for what only builds see'),
  }),
})
