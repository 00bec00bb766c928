import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, integer, ProcessName } from './fields.ts'
import { Operation } from './operations.ts'

export const ProcessScale = z.object({
  process: z.string(),
  count: z.number(),
  memoryMb: z.number(),
  cpu: z.number(),
})

const Change = z
  .strictObject({
    count: integer(0, 1_000).optional(),
    memoryMb: integer(16, 1_048_576).optional(),
    cpu: z.number('must be a number from 0.05 to 256').min(0.05).max(256).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'give at least one of count, memoryMb, cpu')

const one = z.strictObject({ app: AppName })

export const showScale = endpoint({
  method: 'GET',
  path: '/apps/:app/scale',
  summary: 'Wanted number and size of the instances of each process',
  access: 'app:read',
  params: one,
  returns: z.array(ProcessScale),
})

export const changeScale = endpoint({
  method: 'PATCH',
  path: '/apps/:app/scale',
  summary: 'Change number or size by process, like {"web": {"count": 2}}',
  access: 'app:configure',
  params: one,
  body: z.record(ProcessName, Change).refine((changes) => Object.keys(changes).length > 0, 'name at least one process'),
  returns: z.object({
    scale: z.array(ProcessScale).describe('As wanted after the change'),
    operation: Operation.nullable().describe('Null where nothing is deployed yet'),
  }),
})
