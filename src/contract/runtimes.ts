import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const Runtime = z.object({ name: z.string(), summary: z.string() })

export const listRuntimes = endpoint({
  method: 'GET',
  path: '/runtimes',
  summary: 'Languages that can be built without a Dockerfile',
  access: 'signed-in',
  returns: z.array(Runtime),
})
