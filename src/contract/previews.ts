import { z } from 'zod'
import { branchPatterns } from '../model/preview.ts'
import { refName } from '../model/repository.ts'
import { AppState } from './apps.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Instant, integer, parsed } from './fields.ts'
import { Operation } from './operations.ts'

export const Preview = z.object({
  name: z.string(),
  url: z.string(),
  /** That of its app; `waiting` for an approval. */
  state: z.union([AppState, z.literal('waiting')]),
  branch: z.string(),
  pull: z.number().nullable().describe('number of its pull request'),
  fork: z.string().nullable().describe('the repository that it comes from, where that is another one'),
  commit: z.string().nullable(),
  message: z.string(),
  author: z.string(),
  webUrl: z.string().nullable(),
  approvedBy: z.string().nullable(),
  secrets: z.boolean().describe('it has the secrets of its app'),
  usedAt: Instant.describe('when it was last deployed'),
  expiresAt: Instant.nullable(),
  createdAt: Instant,
})

export const PreviewRules = z.object({
  branches: z.array(z.string()).describe('patterns of branches whose push makes one'),
  pulls: z.boolean().describe('pull requests make one'),
  idleSeconds: z
    .number()
    .nullable()
    .describe('how long one stays after its last deploy; null for as long as it is wanted'),
  most: z.number(),
  secrets: z.boolean().describe('they get the secrets of the app'),
})

const ofApp = z.strictObject({ app: AppName })
const one = z.strictObject({ app: AppName, preview: AppName })
const idle = integer(60, 366 * 24 * 3_600).nullable()
const Patterns = z.array(z.string()).transform((raw, context) => {
  try {
    return [...branchPatterns(raw)]
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' })
    return z.NEVER
  }
})

export const listPreviews = endpoint({
  method: 'GET',
  path: '/apps/:app/previews',
  summary: 'Previews of an app, and pull requests that wait for approval, newest first',
  access: 'app:read',
  params: ofApp,
  returns: z.array(Preview),
})

export const createPreview = endpoint({
  method: 'POST',
  path: '/apps/:app/previews',
  summary: 'Make a preview of a branch, or deploy the one that there is once more',
  access: 'app:deploy',
  params: ofApp,
  body: z.strictObject({
    branch: parsed(refName).describe('of the repository of the app, or of what was pushed to it'),
    idleSeconds: idle.optional().describe('null for as long as it is wanted'),
  }),
  returns: z.object({ preview: Preview, operation: Operation }),
})

export const showPreview = endpoint({
  method: 'GET',
  path: '/apps/:app/previews/:preview',
  summary: 'One preview',
  access: 'app:read',
  params: one,
  returns: Preview,
})

export const removePreview = endpoint({
  method: 'DELETE',
  path: '/apps/:app/previews/:preview',
  summary: 'Destroy a preview, or forget one that waits for approval',
  access: 'app:deploy',
  params: one,
  returns: z.object({ operation: Operation.nullable() }),
})

export const approvePreview = endpoint({
  method: 'POST',
  path: '/apps/:app/previews/:preview/approval',
  summary: 'Build what somebody else wrote: a pull request from another repository, at one commit or at all',
  access: 'preview:approve',
  params: one,
  body: z.strictObject({
    commit: z.string().max(64).optional().describe('refused where it is another one by now'),
    all: z.boolean().default(false).describe('its later commits too'),
    secrets: z.boolean().default(false).describe('with the secrets of the app'),
  }),
  returns: z.object({ preview: Preview, operation: Operation }),
})

export const showPreviewRules = endpoint({
  method: 'GET',
  path: '/apps/:app/preview-rules',
  summary: 'For what an app gets previews',
  access: 'app:read',
  params: ofApp,
  returns: PreviewRules,
})

export const setPreviewRules = endpoint({
  method: 'PATCH',
  path: '/apps/:app/preview-rules',
  summary: 'Say for what an app gets previews, for how long, and how many',
  access: 'app:configure',
  params: ofApp,
  body: z.strictObject({
    branches: Patterns.optional().describe('patterns of branches; none for no branch'),
    pulls: z.boolean().optional(),
    idleSeconds: idle.optional(),
    most: integer(1, 100).optional(),
    secrets: z.boolean().optional(),
  }),
  returns: PreviewRules,
})
