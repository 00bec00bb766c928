import { z } from 'zod'
import { imageReference } from '../model/imageReference.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Flag, labelled, parsed } from './fields.ts'
import { Operation } from './operations.ts'

/** What files come packed in. */
export const uploadTypes = ['tar', 'gzip', 'zip'] as const
export type UploadType = (typeof uploadTypes)[number]

export const deploy = endpoint({
  method: 'POST',
  path: '/apps/:app/deploys',
  summary:
    'Deploy the tree in the body: a tar file (application/x-tar), a gzipped one (application/gzip) or a zip file (application/zip)',
  access: 'app:deploy',
  params: z.strictObject({ app: AppName }),
  query: z.strictObject({
    message: labelled('message').prefault('uploaded'),
    fresh: Flag.prefault('false').describe('take nothing from earlier builds'),
  }),
  returns: Operation,
  carries: 'upload',
})

const named = (raw: string) => {
  imageReference(raw)
  return raw.trim()
}

export const deployImage = endpoint({
  method: 'POST',
  path: '/apps/:app/deploys/image',
  summary: 'Deploy a ready-made image of a registry, by the digest that its name stands for now',
  access: 'app:deploy',
  params: z.strictObject({ app: AppName }),
  body: z.strictObject({
    image: parsed(named).describe('like nginx:1.27 or ghcr.io/ada/blog:v2'),
    username: labelled('username').optional().describe('of the registry; kept for this app with the password'),
    password: z.string().min(1).max(10_000).optional(),
  }),
  returns: Operation,
})

export const deployImageFile = endpoint({
  method: 'POST',
  path: '/apps/:app/deploys/image-file',
  summary: 'Deploy the image in the body: a tar file as `docker save` writes it, gzipped or not',
  access: 'app:deploy',
  params: z.strictObject({ app: AppName }),
  returns: Operation,
  carries: 'upload',
})
