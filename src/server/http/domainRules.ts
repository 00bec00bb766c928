import type { HostName } from '../../model/names.ts'
import { refuse } from '../../model/refusal.ts'
import type { AppRow } from '../store/access.ts'
import type { ReadTx } from '../store/store.ts'

/** Names right below the platform's own domain are apps' names and the platform's: nobody takes another app's that way. */
export function refusePlatformName(name: HostName, domain: string): void {
  const parent = name.split('.').slice(1).join('.')
  if (name === domain || parent === domain) {
    refuse('INVALID', 'name', `names below ${domain} belong to apps by their names; create an app of that name instead`)
  }
}

/**
 * What lies below a name belongs with it: requests that a wildcard covers, cookies that pages of both names share. So
 * another team's app gets none of it.
 */
export async function refuseBelowOthers(tx: ReadTx, app: AppRow, name: HostName, domain: string): Promise<void> {
  const bare = name.replace(/^\*\./, '')
  if (bare !== name && !bare.includes('.')) refuse('INVALID', 'name', 'a wildcard needs a domain, like *.example.com')
  if (bare.endsWith(`.${domain}`)) await mustBeBelowOwnApp(tx, app, bare, domain)
  const above = namesAbove(bare).filter((parent) => parent !== name)
  const others = await tx
    .selectFrom('domains')
    .innerJoin('apps', 'apps.id', 'domains.app_id')
    .select('domains.name')
    .where('domains.name', 'in', above)
    .where('apps.team_id', '!=', app.team_id)
    .executeTakeFirst()
  if (others) refuse('DOMAIN_TAKEN', others.name)
}

/** The name itself, every name that it ends with, and their wildcards. */
function namesAbove(bare: string): string[] {
  const labels = bare.split('.')
  return labels.map((_, from) => labels.slice(from).join('.')).flatMap((parent) => [parent, `*.${parent}`])
}

async function mustBeBelowOwnApp(tx: ReadTx, app: AppRow, bare: string, domain: string): Promise<void> {
  const label =
    bare
      .slice(0, -domain.length - 1)
      .split('.')
      .at(-1) ?? ''
  const own = await tx
    .selectFrom('apps')
    .select('id')
    .where('name', '=', label)
    .where('team_id', '=', app.team_id)
    .executeTakeFirst()
  if (!own) refuse('INVALID', 'name', `${label}.${domain} is not an app of your team, so nothing below it is yours`)
}
