import { removeDomain } from '../../../contract/domains.ts'
import * as apps from '../../store/apps.ts'
import { authorizedApp } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removeDomain, async (_, call) => {
  await call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    call.subject.target = `app ${app.name}: ${call.params.domain}`
    await apps.removeDomain(tx, app.id, call.params.domain)
  })
  return done
})
