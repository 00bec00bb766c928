import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Flag, Instant, ProcessName, whole } from './fields.ts'

export const LogLine = z.object({
  app: z.string(),
  process: z.string(),
  release: z.number(),
  instance: z.string(),
  at: Instant,
  stream: z.enum(['out', 'err']),
  text: z.string(),
})

export const appLogs = endpoint({
  method: 'GET',
  path: '/apps/:app/logs',
  summary: 'The last lines that the instances of an app wrote, oldest first; with `follow`, and those to come',
  access: 'app:read',
  params: z.strictObject({ app: AppName }),
  query: z.strictObject({
    lines: whole(0, 10_000).default(100),
    process: ProcessName.optional(),
    instance: z
      .string()
      .regex(/^[0-9a-z]{1,64}$/, 'must be the id of an instance, or its beginning')
      .optional(),
    follow: Flag.default(false),
  }),
  returns: LogLine,
  carries: 'lines',
})
