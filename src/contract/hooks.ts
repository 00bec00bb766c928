import { z } from 'zod'
import { deliveryOutcomes, hookProviders } from '../model/hook.ts'
import { endpoint } from './endpoint.ts'
import { AppName, Done, Id, Instant, limit } from './fields.ts'

export const Hook = z.object({
  id: z.string(),
  provider: z.enum(hookProviders),
  url: z.string().describe('to give to the provider'),
  reports: z.boolean().describe('whether it tells the provider of deploys'),
  author: z.string(),
  createdAt: Instant,
})

const outcome = z.enum(deliveryOutcomes)

export const Delivery = z.object({
  delivery: z.string().describe("the provider's name of it"),
  at: Instant,
  event: z.string(),
  ref: z.string().nullable(),
  commit: z.string().nullable(),
  outcome,
  reason: z.string(),
})

const one = z.strictObject({ app: AppName })
const ofApp = z.strictObject({ app: AppName, hook: Id })

export const listHooks = endpoint({
  method: 'GET',
  path: '/apps/:app/hooks',
  summary: 'Webhooks of an app',
  access: 'app:read',
  params: one,
  returns: z.array(Hook),
})

export const createHook = endpoint({
  method: 'POST',
  path: '/apps/:app/hooks',
  summary: 'A webhook for the repository of an app; its secret is in this answer only',
  access: 'app:configure',
  params: one,
  body: z.strictObject({
    provider: z.enum(hookProviders),
    token: z.string().min(1).max(1_000).optional().describe('of the provider, to tell it what became of a commit'),
    apiUrl: z
      .url({ protocol: /^https$/, error: 'must be a URL that begins with https' })
      .max(500)
      .optional()
      .describe("of the provider's API, where it is not where it usually is"),
  }),
  returns: Hook.extend({ secret: z.string() }),
})

export const removeHook = endpoint({
  method: 'DELETE',
  path: '/apps/:app/hooks/:hook',
  summary: 'Remove a webhook and what came by it',
  access: 'app:configure',
  params: ofApp,
  returns: Done,
})

export const listDeliveries = endpoint({
  method: 'GET',
  path: '/apps/:app/hooks/:hook/deliveries',
  summary: 'What came by a webhook and what Berth did about it, newest first',
  access: 'app:read',
  params: ofApp,
  query: z.strictObject({ limit: limit() }),
  returns: z.array(Delivery),
})

export const receiveHook = endpoint({
  method: 'POST',
  path: '/hooks/:hook',
  summary: 'What a provider calls; deploys every app of the team that follows what was pushed',
  access: 'signature',
  params: z.strictObject({ hook: Id }),
  returns: z.object({ outcome, reason: z.string() }),
  carries: 'event',
})
