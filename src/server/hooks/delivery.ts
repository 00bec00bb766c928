import type { DeliveryOutcome } from '../../model/hook.ts'
import type { HookRow } from '../store/hooks.ts'

/** One call of a provider, its signature checked. */
export type Delivery = {
  readonly hook: HookRow
  readonly delivery: string
  readonly digest: string
  readonly address: string
}

/** What came of it. */
export type Answer = { readonly outcome: DeliveryOutcome; readonly reason: string }
