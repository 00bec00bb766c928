import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Instant, TeamName } from './fields.ts'
import { MetadataText } from './metadata.ts'
import { Operation } from './operations.ts'

/**
 * new: nothing deployed yet. deploying: an operation of the release path is under way. running: as many healthy instances
 * as wanted. degraded: fewer. stopped: scaled to nothing. destroying: on its way out.
 */
export const AppState = z.enum(['new', 'deploying', 'running', 'degraded', 'stopped', 'destroying'])

export const AppSummary = z.object({
  name: z.string(),
  team: z.string(),
  url: z.string(),
  state: AppState,
  release: z.number().nullable(),
  createdAt: Instant,
})

export const App = z.object({
  name: z.string(),
  team: z.string(),
  url: z.string(),
  git: z.object({ ssh: z.string(), http: z.string() }),
  state: AppState,
  release: z
    .object({
      number: z.number(),
      state: z.string(),
      image: z.string(),
      commit: z.string().nullable(),
      createdAt: Instant,
    })
    .nullable(),
  processes: z.array(
    z.object({
      name: z.string(),
      /** argv; empty means the image's own command. */
      command: z.array(z.string()),
      count: z.number(),
      memoryMb: z.number(),
      cpu: z.number(),
      /** Healthy instances of the live release. */
      running: z.number(),
    }),
  ),
  /** The host name that it has of itself first. */
  domains: z.array(z.string()),
  /** Names of variables only. */
  env: z.array(z.string()),
  deployBranch: z.string().nullable(),
  /** The stack that is set for it. */
  stack: z.string().nullable(),
  createdAt: Instant,
})

const one = z.strictObject({ app: AppName })

export const listApps = endpoint({
  method: 'GET',
  path: '/apps',
  summary: 'The apps that you see, by name',
  access: 'signed-in',
  returns: z.array(AppSummary),
})

export const createApp = endpoint({
  method: 'POST',
  path: '/apps',
  summary: 'Create an app in a team; without one named, in the only team that you are in',
  access: 'app:create',
  body: z.strictObject({
    name: AppName,
    team: TeamName.optional(),
    metadata: MetadataText.optional(),
    stack: z.string().max(300).optional(),
  }),
  returns: App,
})

export const showApp = endpoint({
  method: 'GET',
  path: '/apps/:app',
  summary: 'One app',
  access: 'app:read',
  params: one,
  returns: App,
})

export const destroyApp = endpoint({
  method: 'DELETE',
  path: '/apps/:app',
  summary: 'Destroy an app with its releases, repository and logs; `confirm` repeats its name',
  access: 'app:destroy',
  params: one,
  body: z.strictObject({ confirm: z.string().max(200) }),
  returns: Operation,
})
