import { attempts } from '../../lib/attempts.ts'
import type { HookProvider } from '../../model/hook.ts'
import type { Store } from '../store/store.ts'
import { providers } from './providers/all.ts'
import type { Received } from './providers/provider.ts'
import { receive } from './receive.ts'

/** What the API needs of hooks. */
export function hookDoor(store: Store) {
  const windowMs = 60_000
  const parts = { store, failures: attempts({ limit: 10, windowMs }), deliveries: attempts({ limit: 120, windowMs }) }
  return {
    newSecret: (provider: HookProvider) => providers[provider].newSecret(),
    receive: (id: string, received: Received, address: string) => receive(parts, id, received, address),
  }
}
