import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Flag, labelled } from './fields.ts'
import { Operation } from './operations.ts'

/** Larger archives are refused, as they come and unpacked. */
export const uploadLimits = { packedMb: 512, unpackedMb: 2_048 } as const

export const deploy = endpoint({
  method: 'POST',
  path: '/apps/:app/deploys',
  summary: 'Deploy the tree in the body: a tar file (application/x-tar) or a gzipped one (application/gzip)',
  access: 'app:deploy',
  params: z.strictObject({ app: AppName }),
  query: z.strictObject({
    message: labelled('message').prefault('uploaded'),
    fresh: Flag.prefault('false').describe('take nothing from earlier builds'),
  }),
  returns: Operation,
  carries: 'upload',
})
