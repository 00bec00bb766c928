import { z } from 'zod'
import { imageLimits } from '../model/limits.ts'
import { uploadTypes } from './deploys.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Id, Instant, integer, labelled, whole } from './fields.ts'
import { Operation } from './operations.ts'

export const Upload = z.object({
  id: z.string(),
  size: z.number(),
  offset: z.number().describe('bytes that have come; go on from here'),
  type: z.enum(uploadTypes),
  createdAt: Instant,
})

const one = z.strictObject({ app: AppName, upload: Id })

export const createUpload = endpoint({
  method: 'POST',
  path: '/apps/:app/uploads',
  summary: 'Begin an upload that may be interrupted; what is not deployed within a day is removed',
  access: 'app:deploy',
  params: z.strictObject({ app: AppName }),
  body: z.strictObject({ size: integer(1, imageLimits.packedMb * 1_048_576), type: z.enum(uploadTypes) }),
  returns: Upload,
})

export const showUpload = endpoint({
  method: 'GET',
  path: '/apps/:app/uploads/:upload',
  summary: 'How much of an upload has come',
  access: 'app:deploy',
  params: one,
  returns: Upload,
})

export const continueUpload = endpoint({
  method: 'PATCH',
  path: '/apps/:app/uploads/:upload',
  summary: 'Send the next bytes of an upload (application/octet-stream); those that come before a break count',
  access: 'app:deploy',
  params: one,
  query: z.strictObject({ offset: whole(0, imageLimits.packedMb * 1_048_576).describe('where they begin') }),
  returns: Upload,
  carries: 'upload',
})

export const deployUpload = endpoint({
  method: 'POST',
  path: '/apps/:app/uploads/:upload/deploys',
  summary: 'Deploy what was uploaded whole: the files, or an image',
  access: 'app:deploy',
  params: one,
  body: z.strictObject({
    message: labelled('message').prefault('uploaded'),
    image: z.boolean().default(false).describe('it is an image as `docker save` writes it'),
    fresh: z.boolean().default(false),
  }),
  returns: Operation,
})
