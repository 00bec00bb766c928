import { appById, defaultHost, domainsOf } from '../store/apps.ts'
import type { OpenBuild } from '../store/buildQueue.ts'
import { newestSuccess, sourceOfBuild } from '../store/builds.ts'
import { metadataOfApp } from '../store/metadata.ts'
import { stackOfApp } from '../store/stacks.ts'
import { limitsOfTeam } from '../store/teamLimits.ts'
import type { BuilderParts, BuildOrder } from './parts.ts'

type Of = Pick<BuilderParts, 'store' | 'domain'> & { readonly row: OpenBuild }
type Details = Pick<BuildOrder, 'limits' | 'metadata' | 'environment' | 'previous' | 'fresh' | 'hosts' | 'stack'>

/** What a build is told of its app besides the source and the variables. */
export function detailsOf({ row, store, domain }: Of): Promise<Details> {
  const source = sourceOfBuild(row)
  return store.read(async (tx) => {
    const metadata = await metadataOfApp(tx, store.cipher, row.app_id)
    const before = await newestSuccess(tx, row.app_id)
    const stack = await stackOfApp(tx, row.app_id)
    const { parent_id } = await appById(tx, row.app_id)
    return {
      ...(parent_id !== null && { environment: 'review' }),
      ...(metadata !== undefined && { metadata }),
      ...(stack !== null && { stack }),
      ...(before?.image && { previous: before.image }),
      limits: await limitsOfTeam(tx, row.team_id),
      fresh: 'fresh' in source && source.fresh === true,
      hosts: [defaultHost(row.app, domain), ...(await domainsOf(tx, row.app_id))],
    }
  })
}
