import { attempts } from '../../lib/attempts.ts'
import { slots } from '../../lib/slots.ts'
import type { HookProvider } from '../../model/hook.ts'
import type { Store } from '../store/store.ts'
import { admit } from './admit.ts'
import { apiUrlOf } from './apiUrl.ts'
import { providers } from './providers/all.ts'
import type { Received } from './providers/provider.ts'
import { receive } from './receive.ts'

/** What the API needs of hooks. */
export function hookDoor(store: Store) {
  const windowMs = 60_000
  const parts = {
    store,
    failures: attempts({ limit: 10, windowMs }),
    deliveries: attempts({ limit: 120, windowMs }),
    small: slots({ most: 64, each: 16 }),
    large: slots({ most: 4, each: 2 }),
  }
  return {
    apiUrl: (provider: HookProvider, source: string) => apiUrlOf(provider, source),
    newSecret: (provider: HookProvider) => providers[provider].newSecret(),
    admit: (id: string, address: string, announced: number | undefined) => admit(parts, id, address, announced),
    receive: (id: string, received: Received, address: string) => receive(parts, id, received, address),
  }
}
