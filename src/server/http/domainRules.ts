import type { HostName } from '../../model/names.ts'
import { refuse } from '../../model/refusal.ts'

/** Names right below the platform's own domain are apps' names and the platform's: nobody takes another app's that way. */
export function refusePlatformName(name: HostName, domain: string): void {
  const parent = name.split('.').slice(1).join('.')
  if (name === domain || parent === domain) {
    refuse('INVALID', 'name', `names below ${domain} belong to apps by their names; create an app of that name instead`)
  }
}
