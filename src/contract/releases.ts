import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Instant, limit, ProcessName, whole } from './fields.ts'
import { Operation } from './operations.ts'

export const Release = z.object({
  number: z.number(),
  state: z.enum(['starting', 'live', 'superseded', 'failed']),
  image: z.string(),
  commit: z.string().nullable(),
  /** Number of the build that it runs. */
  build: z.number().nullable(),
  reason: z.string(),
  author: z.string(),
  operation: z.string(),
  createdAt: Instant,
})

export const ReleaseDetail = Release.extend({
  processes: z.array(z.object({ name: z.string(), command: z.array(z.string()) })),
  releaseCommand: z.array(z.string()).nullable(),
  postdeployCommand: z.array(z.string()).nullable(),
  /** Heroku's postdeploy: it runs after the first deploy of the app only. */
  firstDeployCommand: z.array(z.string()).nullable(),
  port: z.number(),
  health: z.object({ path: z.string(), timeoutMs: z.number(), deadlineMs: z.number(), uptimeMs: z.number() }),
  /** Names of variables only. */
  env: z.array(z.string()),
})

const one = z.strictObject({ app: AppName })
const newest = 1_000_000_000

export const listReleases = endpoint({
  method: 'GET',
  path: '/apps/:app/releases',
  summary: 'Releases of an app, newest first',
  access: 'app:read',
  params: one,
  query: z.strictObject({ limit: limit(), before: whole(1, newest).optional() }),
  returns: z.array(Release),
})

export const showRelease = endpoint({
  method: 'GET',
  path: '/apps/:app/releases/:number',
  summary: 'One release, with what it runs',
  access: 'app:read',
  params: z.strictObject({ app: AppName, number: whole(1, newest) }),
  returns: ReleaseDetail,
})

export const rollback = endpoint({
  method: 'POST',
  path: '/apps/:app/rollback',
  summary: 'Release again what an earlier release ran; without `to`, the one that served before the live one',
  access: 'app:deploy',
  params: one,
  body: z.strictObject({ to: z.int('must be the number of a release').min(1).max(newest).optional() }),
  returns: Operation,
})

export const restart = endpoint({
  method: 'POST',
  path: '/apps/:app/restart',
  summary: 'Start fresh instances, swap, and drain the old ones; of the processes named, or of all',
  access: 'app:deploy',
  params: one,
  body: z.strictObject({ processes: z.array(ProcessName).max(100).default([]) }),
  returns: Operation,
})
