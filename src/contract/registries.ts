import { z } from 'zod'
import { registryServer } from '../model/imageReference.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Done, Id, Instant, labelled, parsed, TeamName } from './fields.ts'

export const Registry = z.object({
  id: z.string(),
  server: z.string(),
  username: z.string(),
  app: z.string().nullable().describe('null is for every app of the team'),
  createdAt: Instant,
})

const one = z.strictObject({ team: TeamName })

export const listRegistries = endpoint({
  method: 'GET',
  path: '/teams/:team/registries',
  summary: 'Registries that a team has credentials of',
  access: 'team:read',
  params: one,
  returns: z.array(Registry),
})

export const addRegistry = endpoint({
  method: 'POST',
  path: '/teams/:team/registries',
  summary: 'Keep the credentials of a registry, for all apps of a team or for one; in place of those that there are',
  access: 'team:manage',
  params: one,
  body: z.strictObject({
    server: parsed(registryServer).describe('like ghcr.io or registry.example.com:5000'),
    username: labelled('username'),
    password: z.string().min(1).max(10_000).describe('or a token; never shown again'),
    app: AppName.optional(),
  }),
  returns: Registry,
})

export const removeRegistry = endpoint({
  method: 'DELETE',
  path: '/teams/:team/registries/:registry',
  summary: 'Forget the credentials of a registry',
  access: 'team:manage',
  params: z.strictObject({ team: TeamName, registry: Id }),
  returns: Done,
})
