import { listDomains } from '../../../contract/domains.ts'
import { defaultHost, domainRows } from '../../store/apps.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(listDomains, async ({ store, settings }, call) =>
  store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    const added = (await domainRows(tx, app.id)).map(({ name, created_at }) => ({
      name,
      own: false,
      createdAt: created_at,
    }))
    return [{ name: defaultHost(app.name, settings.domain), own: true, createdAt: app.created_at }, ...added]
  }),
)
