import { addDomain } from '../../../contract/domains.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import { authorizePlatform } from '../../store/access.ts'
import * as apps from '../../store/apps.ts'
import { authorizedApp } from '../authorized.ts'
import { refuseBelowOthers, refusePlatformName } from '../domainRules.ts'
import { handle } from '../handle.ts'

export const route = handle(addDomain, async ({ settings }, call) => {
  const { name, verify } = call.body
  return await call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    refusePlatformName(name, settings.domain)
    if (verify) await refuseBelowOthers(tx, app, name, settings.domain)
    else authorizePlatform(call.actor, 'domain:skip-proof')
    call.subject.target = `app ${app.name}: ${name}`
    refuseMore(`domains of ${app.name}`, (await apps.domainsOf(tx, app.id)).length, most.domainsOfApp)
    const row = await apps.addDomain(tx, app.id, name)
    return { name, own: false, createdAt: row.created_at }
  })
})
