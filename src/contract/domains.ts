import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, Done, HostName, Instant } from './fields.ts'

export const Domain = z.object({
  name: z.string(),
  /** True of the host name that the app has of itself. */
  own: z.boolean(),
  createdAt: Instant,
})

const one = z.strictObject({ app: AppName })

export const listDomains = endpoint({
  method: 'GET',
  path: '/apps/:app/domains',
  summary: 'Host names that an app answers to',
  access: 'app:read',
  params: one,
  returns: z.array(Domain),
})

export const addDomain = endpoint({
  method: 'POST',
  path: '/apps/:app/domains',
  summary: 'Let an app answer to a host name; only an operator may say `verify: false`',
  access: 'app:configure',
  params: one,
  body: z.strictObject({ name: HostName, verify: z.boolean().default(true) }),
  returns: Domain,
})

export const removeDomain = endpoint({
  method: 'DELETE',
  path: '/apps/:app/domains/:domain',
  summary: 'Let an app no longer answer to a host name',
  access: 'app:configure',
  params: z.strictObject({ app: AppName, domain: HostName }),
  returns: Done,
})
