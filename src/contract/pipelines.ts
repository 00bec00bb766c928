import { z } from 'zod'
import { pipelineName, stageName, stageNames, usualStages } from '../model/pipeline.ts'
import { App, AppState } from './apps.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Done, Instant, parsed, TeamName } from './fields.ts'
import { Operation } from './operations.ts'

const PipelineName = parsed(pipelineName).describe('1 to 40 of a-z, 0-9 and single inner hyphens')
const Stages = z
  .array(z.string())
  .transform((raw, context) => {
    try {
      return [...stageNames(raw)]
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' })
      return z.NEVER
    }
  })
  .describe('first to last')

export const Pipeline = z.object({
  name: z.string(),
  team: z.string(),
  stages: z.array(
    z.object({
      name: z.string(),
      /** Those that you see. */
      apps: z.array(
        z.object({
          name: z.string(),
          url: z.string(),
          state: AppState,
          release: z.number().nullable(),
          commit: z.string().nullable(),
        }),
      ),
    }),
  ),
  createdAt: Instant,
})

export const Promotion = z.object({
  from: z.string(),
  to: z.string(),
  /** Number of the release of `from` whose image it is. */
  release: z.number(),
  commit: z.string().nullable(),
  image: z.string(),
  /** It serves there already: nothing is done. */
  same: z.boolean(),
  /** Subjects of the commits that are new there, newest first. */
  commits: z.array(z.string()),
  /** Names of variables that only `from` has. */
  missing: z.array(z.string()),
  operation: Operation.nullable(),
})

const one = z.strictObject({ pipeline: PipelineName })
const ofApp = z.strictObject({ app: AppName })

export const listPipelines = endpoint({
  method: 'GET',
  path: '/pipelines',
  summary: 'The pipelines that you see, by name',
  access: 'signed-in',
  returns: z.array(Pipeline),
})

export const createPipeline = endpoint({
  method: 'POST',
  path: '/pipelines',
  summary: 'Create a pipeline in a team; without one named, in the only team that you are in',
  access: 'pipeline:manage',
  body: z.strictObject({
    name: PipelineName,
    team: TeamName.optional(),
    stages: Stages.prefault([...usualStages]),
  }),
  returns: Pipeline,
})

export const showPipeline = endpoint({
  method: 'GET',
  path: '/pipelines/:pipeline',
  summary: 'One pipeline, with what runs in its stages',
  access: 'pipeline:read',
  params: one,
  returns: Pipeline,
})

export const removePipeline = endpoint({
  method: 'DELETE',
  path: '/pipelines/:pipeline',
  summary: 'Remove a pipeline; its apps stay',
  access: 'pipeline:manage',
  params: one,
  returns: Done,
})

export const addToPipeline = endpoint({
  method: 'POST',
  path: '/pipelines/:pipeline/apps',
  summary: 'Put an app into a stage of a pipeline, or into another one of its stages',
  access: 'pipeline:manage',
  params: one,
  body: z.strictObject({ app: AppName, stage: parsed(stageName) }),
  returns: Pipeline,
})

export const removeFromPipeline = endpoint({
  method: 'DELETE',
  path: '/pipelines/:pipeline/apps/:app',
  summary: 'Take an app out of a pipeline',
  access: 'pipeline:manage',
  params: z.strictObject({ pipeline: PipelineName, app: AppName }),
  returns: Pipeline,
})

export const showPromotion = endpoint({
  method: 'GET',
  path: '/apps/:app/promotion',
  summary:
    'What a promotion of an app would bring; to the apps of the next stage of its pipeline unless `to` says another',
  access: 'app:read',
  params: ofApp,
  query: z.strictObject({ to: AppName.optional() }),
  returns: z.array(Promotion),
})

export const promote = endpoint({
  method: 'POST',
  path: '/apps/:app/promotions',
  summary: 'Release the image that an app runs in another app, with the configuration of that one',
  access: 'app:deploy',
  params: ofApp,
  body: z.strictObject({ to: AppName.optional() }),
  returns: z.array(Promotion),
})

export const cloneApp = endpoint({
  method: 'POST',
  path: '/apps/:app/clones',
  summary:
    'Create an app with the configuration of another one and release what that one runs; host names are not taken along',
  access: 'app:deploy',
  params: ofApp,
  body: z.strictObject({
    name: AppName,
    team: TeamName.optional().describe('the team of the app, unless named'),
    env: z
      .boolean()
      .default(true)
      .describe(
        'with its variables, secrets too; without, metadata and what opens the source stay behind where the team is another',
      ),
  }),
  returns: z.object({ app: App, operation: Operation.nullable().describe('null where nothing was deployed yet') }),
})
