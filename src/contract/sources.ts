import { z } from 'zod'
import { refName, repositoryKinds } from '../model/repository.ts'
import { folderPath, watchGlobs } from '../model/watch.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Done, Instant, integer, parsed } from './fields.ts'
import { Operation } from './operations.ts'

export const Ref = parsed(refName).describe('a branch, a tag, a commit, or a pattern of tags like v*')

export const AppSource = z.object({
  repository: z
    .object({
      kind: z.enum(repositoryKinds),
      url: z.string().describe('without its password'),
      password: z.boolean().describe('whether one is kept'),
      ref: z.string().nullable(),
      pollSeconds: z.number().nullable(),
      revision: z.string().nullable().describe('the newest that was looked at'),
      checkedAt: Instant.nullable(),
      nextCheckAt: Instant.nullable(),
      error: z.string().nullable().describe('why the last look failed'),
    })
    .nullable(),
  folder: z.string().describe('that is built; empty for all of the repository'),
  watch: z.array(z.string()).describe('patterns of paths whose change deploys'),
  deployKey: z.string().nullable().describe('public half, to be added where the repository is'),
})

const one = z.strictObject({ app: AppName })

export const showSource = endpoint({
  method: 'GET',
  path: '/apps/:app/source',
  summary: 'Where an app is fetched from, and what of it is built',
  access: 'app:read',
  params: one,
  returns: AppSource,
})

export const setSource = endpoint({
  method: 'PATCH',
  path: '/apps/:app/source',
  summary: 'Set the repository that an app is fetched from; folder and watched paths also concern what is pushed',
  access: 'app:configure',
  params: one,
  body: z.strictObject({
    url: z
      .string()
      .max(1_000)
      .optional()
      .describe('https, http, ssh, git, svn, svn+ssh, bzr, bzr+ssh, or git@host:path'),
    kind: z.enum(repositoryKinds).optional(),
    ref: Ref.nullable().optional().describe('null is what the repository calls its own'),
    password: z.string().min(1).max(1_000).optional().describe('of the user in the URL; never shown again'),
    pollSeconds: integer(60, 604_800).nullable().optional().describe('null never looks by itself'),
    folder: parsed(folderPath).optional(),
    watch: z.array(z.string()).transform(checkedGlobs).optional(),
  }),
  returns: AppSource,
})

export const removeSource = endpoint({
  method: 'DELETE',
  path: '/apps/:app/source',
  summary: 'Fetch an app from nowhere any more; its deploy key stays',
  access: 'app:configure',
  params: one,
  returns: Done,
})

export const deploySource = endpoint({
  method: 'POST',
  path: '/apps/:app/source/deploys',
  summary: 'Fetch the repository of an app and deploy it',
  access: 'app:deploy',
  params: one,
  body: z.strictObject({ ref: Ref.optional().describe('only this time') }),
  returns: Operation,
})

function checkedGlobs(raw: string[], context: z.RefinementCtx): string[] {
  try {
    return [...watchGlobs(raw)]
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' })
    return z.NEVER
  }
}
