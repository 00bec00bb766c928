import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, whole } from './fields.ts'

/** Where the image of a build is besides this machine. */
export const KeptPackage = z.object({
  place: z.string(),
  state: z.enum(['storing', 'stored', 'removing']),
  /** What it takes there, where the storage says so. */
  bytes: z.number().nullable(),
  /** Why it is not stored, or not removed, yet. */
  error: z.string().nullable(),
})

export const downloadBuild = endpoint({
  method: 'GET',
  path: '/apps/:app/builds/:number/image',
  summary: 'The image of a build, as `docker load` takes it, from this machine or from where packages are kept',
  access: 'app:deploy',
  params: z.strictObject({ app: AppName, number: whole(1, 1_000_000_000) }),
  returns: z.string().describe('A tar file'),
  carries: 'image',
})

export const packageStorage = endpoint({
  method: 'GET',
  path: '/status/packages',
  summary: 'Where packages are kept besides the Engine, and whether that works; it is tried',
  access: 'platform:read',
  returns: z.object({
    /** Nothing where images stay on this machine only. */
    place: z.string().nullable(),
    /** Why nothing can be stored there now. */
    problem: z.string().nullable(),
    stored: z.number(),
    storing: z.number(),
    removing: z.number(),
    /** The last reason why one is not stored or removed yet. */
    error: z.string().nullable(),
  }),
})
