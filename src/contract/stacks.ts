import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Flag, Id, Instant, whole } from './fields.ts'
import { OperationLine } from './operations.ts'

const StackName = z.string().max(300)

export const Stack = z.object({
  name: z.string(),
  summary: z.string(),
  /** shipped: came with Berth. own: the operator's file. none: the default is an image that no file tells of. */
  origin: z.enum(['shipped', 'own', 'none']),
  /** What apps are built on that name none. */
  default: z.boolean(),
  /**
   * ready: builds start from it. old: older than it may be. missing: not made yet. waiting, making: on its way; builds go on
   * with the image before. failed: the last try to make it did not work. broken: its file cannot be read.
   */
  state: z.enum(['ready', 'old', 'missing', 'waiting', 'making', 'failed', 'broken']),
  image: z.object({ id: z.string(), createdAt: Instant, bytes: z.number() }).nullable(),
  /** How old it may become, in seconds; null for any age. */
  maxAge: z.number().nullable(),
  failures: z.number(),
  /** Why the last try failed, or the file is broken. */
  error: z.string().nullable(),
  /** Not tried again by itself before. */
  nextAt: Instant.nullable(),
})

export const StackDetail = z.object({
  ...Stack.shape,
  base: z.string(),
  packages: z.array(z.string()),
  commands: z.array(z.object({ title: z.string(), seconds: z.number() })),
  /** Of those that you see: what serves of each was built on this stack. */
  apps: z.array(z.object({ app: z.string(), build: z.number(), image: z.string(), old: z.boolean() })),
  /** Its whole file, in YAML. */
  text: z.string(),
})

const one = z.strictObject({ stack: StackName })

export const listStacks = endpoint({
  method: 'GET',
  path: '/stacks',
  summary: 'Base images that builds by a runtime start from',
  access: 'signed-in',
  returns: z.array(Stack),
})

export const showStack = endpoint({
  method: 'GET',
  path: '/stacks/:stack',
  summary: 'One of them: what it is made of, and which apps are on an old image of it',
  access: 'signed-in',
  params: one,
  returns: StackDetail,
})

export const buildStack = endpoint({
  method: 'POST',
  path: '/stacks/:stack/builds',
  summary: 'Make a stack anew; builds start from the image before until it is done',
  access: 'stack:manage',
  params: one,
  returns: Stack,
})

export const stackLog = endpoint({
  method: 'GET',
  path: '/stacks/:stack/log',
  summary: 'What was said when a stack was made last; with `follow`, until that is over',
  access: 'stack:manage',
  params: one,
  query: z.strictObject({ follow: Flag.default(false) }),
  returns: OperationLine,
  carries: 'lines',
})

export const AppStack = z.object({
  /** What is set for the app; null where its repository or the operator's default says it. */
  stack: z.string().nullable(),
  /** What its newest build that serves was made on. */
  builtOn: z.object({ name: z.string(), image: z.string(), old: z.boolean() }).nullable(),
})

export const showAppStack = endpoint({
  method: 'GET',
  path: '/apps/:app/stack',
  summary: 'The stack of an app',
  access: 'app:read',
  params: z.strictObject({ app: AppName }),
  returns: AppStack,
})

export const setAppStack = endpoint({
  method: 'PATCH',
  path: '/apps/:app/stack',
  summary: 'Set the stack that the next build of an app starts from, or leave it to its repository',
  access: 'app:configure',
  params: z.strictObject({ app: AppName }),
  body: z.strictObject({ stack: StackName.nullable() }),
  returns: AppStack,
})

export const Upgrade = z.object({
  id: z.string(),
  /** Null for all. */
  stack: z.string().nullable(),
  state: z.enum(['running', 'done', 'cancelled']),
  author: z.string(),
  cancelledBy: z.string().nullable(),
  createdAt: Instant,
  finishedAt: Instant.nullable(),
  apps: z.array(
    z.object({
      app: z.string(),
      state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'skipped']),
      operation: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
})

const upgrade = z.strictObject({ upgrade: Id })

export const createUpgrade = endpoint({
  method: 'POST',
  path: '/upgrades',
  summary: 'Build and release, one after the other, the apps that serve from an old image of their stack',
  access: 'stack:manage',
  body: z.strictObject({ stack: StackName.optional(), apps: z.array(AppName).min(1).max(1_000).optional() }),
  returns: Upgrade,
})

export const listUpgrades = endpoint({
  method: 'GET',
  path: '/upgrades',
  summary: 'The newest upgrades, newest first',
  access: 'stack:manage',
  query: z.strictObject({ limit: whole(1, 100).default(20) }),
  returns: z.array(Upgrade),
})

export const showUpgrade = endpoint({
  method: 'GET',
  path: '/upgrades/:upgrade',
  summary: 'One upgrade, and what became of each app',
  access: 'stack:manage',
  params: upgrade,
  returns: Upgrade,
})

export const cancelUpgrade = endpoint({
  method: 'POST',
  path: '/upgrades/:upgrade/cancel',
  summary: 'End an upgrade: apps that have not begun stay, and what goes on is cancelled',
  access: 'stack:manage',
  params: upgrade,
  returns: Upgrade,
})
