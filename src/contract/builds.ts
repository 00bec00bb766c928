import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Done, Instant, integer, limit, whole } from './fields.ts'
import { Operation } from './operations.ts'
import { KeptPackage } from './packages.ts'

export const Build = z.object({
  number: z.number(),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'superseded']),
  /** Where the code came from, in words. */
  source: z.string(),
  revision: z.string().nullable(),
  message: z.string(),
  /** Of the commit, or who uploaded. */
  author: z.string(),
  /** Who asked for it. */
  requester: z.string(),
  /** The operation that wants it; its log is the build's. */
  operation: z.string(),
  recipe: z.string().nullable(),
  imageBytes: z.number().nullable(),
  /** Kept whatever comes after it. */
  pinned: z.boolean(),
  /** It can be released again. */
  kept: z.boolean(),
  /** What serves now came from it. */
  live: z.boolean(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
})

export const BuildDetail = Build.extend({
  /** Subjects of the commits since the build before it that succeeded. */
  changelog: z.array(z.string()),
  steps: z.array(z.object({ title: z.string(), ms: z.number(), cached: z.boolean() })),
  attempts: z.number(),
  /** Id of the image that it was made on. */
  stack: z.string().nullable(),
  /** What that stack is called. */
  stackName: z.string().nullable(),
  image: z.string().nullable(),
  /** Numbers of the releases of it. */
  releases: z.array(z.number()),
  /** Nothing where images stay on this machine only. */
  package: KeptPackage.nullable(),
})

const newest = 1_000_000_000
const ofApp = z.strictObject({ app: AppName })
const one = z.strictObject({ app: AppName, number: whole(1, newest) })

export const listBuilds = endpoint({
  method: 'GET',
  path: '/apps/:app/builds',
  summary: 'Builds of an app, newest first',
  access: 'app:read',
  params: ofApp,
  query: z.strictObject({ limit: limit(), before: whole(1, newest).optional() }),
  returns: z.array(Build),
})

export const showBuild = endpoint({
  method: 'GET',
  path: '/apps/:app/builds/:number',
  summary: 'One build, with its steps',
  access: 'app:read',
  params: one,
  returns: BuildDetail,
})

export const cancelBuild = endpoint({
  method: 'POST',
  path: '/apps/:app/builds/:number/cancel',
  summary: 'Ask for the end of exactly this build, and of the deploy that wants it',
  access: 'app:deploy',
  params: one,
  returns: Operation,
})

export const retryBuild = endpoint({
  method: 'POST',
  path: '/apps/:app/builds/:number/retry',
  summary: 'Deploy once more from the source of a build',
  access: 'app:deploy',
  params: one,
  returns: Operation,
})

export const pinBuild = endpoint({
  method: 'POST',
  path: '/apps/:app/builds/:number/pin',
  summary: 'Keep the package of a build whatever comes after it, or no longer',
  access: 'app:deploy',
  params: one,
  body: z.strictObject({ pinned: z.boolean() }),
  returns: Build,
})

export const deleteBuild = endpoint({
  method: 'DELETE',
  path: '/apps/:app/builds/:number',
  summary: 'Delete the package of a build; its record stays',
  access: 'app:deploy',
  params: one,
  returns: Done,
})

export const createRelease = endpoint({
  method: 'POST',
  path: '/apps/:app/releases',
  summary: "Release a kept build, with the app's variables as they are now or as they were in a release",
  access: 'app:deploy',
  params: ofApp,
  body: z.strictObject({
    build: integer(1, newest),
    envFrom: integer(1, newest).optional().describe('Number of the release whose variables are taken'),
  }),
  returns: Operation,
})
