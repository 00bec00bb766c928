import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, integer } from './fields.ts'
import { Operation } from './operations.ts'

const argument = z
  .string()
  .max(32_768, 'is longer than 32768 characters')
  .refine((text) => !text.includes('\0'), 'must not contain a NUL byte')

/** argv: it reaches the container as it is, through no shell. */
export const Command = z
  .array(argument)
  .min(1, 'must name a program')
  .max(1_000, 'has more than 1000 arguments')
  .refine((argv) => argv[0] !== '', 'must name a program')

export const Size = z.strictObject({ columns: integer(1, 1_000), rows: integer(1, 1_000) })

/** First text frame of an attached run. */
export const RunRequest = z.strictObject({
  command: Command,
  tty: z.boolean().default(false),
  size: Size.default({ columns: 80, rows: 24 }),
})

/** Later text frames from the user; standard input itself comes as binary frames. */
export const FromTerminal = z.union([z.strictObject({ resize: Size }), z.strictObject({ end: z.literal(true) })])

/** Text frames to the user. Output comes as binary frames, whose first byte is 1 (standard output) or 2 (standard error). */
export const ToTerminal = z.union([
  z.object({ exit: z.int() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])

export const outputByte = { out: 1, err: 2 } as const

const one = z.strictObject({ app: AppName })

export const createRun = endpoint({
  method: 'POST',
  path: '/apps/:app/runs',
  summary: 'Run a command in a throw-away container of the live release; the output is the log of the operation',
  access: 'app:run',
  params: one,
  body: z.strictObject({ command: Command }),
  returns: Operation,
})

export const attachRun = endpoint({
  method: 'GET',
  path: '/apps/:app/runs/attach',
  summary:
    'Run a command, attached: a WebSocket. The first text frame is the request, later ones resize or end the input; binary frames are input and output; the last text frame is the exit code or the error',
  access: 'app:run',
  params: one,
  returns: ToTerminal,
  carries: 'socket',
})
