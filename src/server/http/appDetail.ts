import type { z } from 'zod'
import type { App } from '../../contract/apps.ts'
import type { AppRow } from '../store/access.ts'
import { domainsOf, scalesOf } from '../store/apps.ts'
import { envRows } from '../store/env.ts'
import { factsOf } from '../store/overview.ts'
import type { ReadTx } from '../store/store.ts'
import type { ApiContext } from './context.ts'
import { appView } from './views/app.ts'

/** All that the contract tells of one app. */
export async function appDetail(tx: ReadTx, { settings }: ApiContext, app: AppRow): Promise<z.input<typeof App>> {
  const [facts] = await factsOf(tx, [app])
  if (!facts) throw new Error(`no facts of ${app.name}`)
  const config = {
    scales: await scalesOf(tx, app.id),
    domains: await domainsOf(tx, app.id),
    env: (await envRows(tx, app.id)).map(({ name }) => name),
  }
  return appView(facts, config, settings)
}
