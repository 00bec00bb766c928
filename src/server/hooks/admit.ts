import type { Attempts } from '../../lib/attempts.ts'
import type { Slots } from '../../lib/slots.ts'
import { refuse } from '../../model/refusal.ts'
import { type HookRow, hookById } from '../store/hooks.ts'
import type { Store } from '../store/store.ts'

export type Parts = {
  readonly store: Store
  /** Signatures that did not fit, by hook and address. */
  readonly failures: Attempts
  /** Deliveries, by hook. */
  readonly deliveries: Attempts
}

/** Room in memory: deliveries that say they are small, and all the others. */
type Rooms = { readonly small: Slots; readonly large: Slots }

const smallBytes = 1_048_576

/**
 * Before anything of a delivery is read, for anybody may send one: the hook is there, nothing has to wait, and there is
 * room. Throws NOT_FOUND, TOO_MANY_ATTEMPTS, UNAVAILABLE.
 */
export async function admit(
  parts: Parts & Rooms,
  id: string,
  address: string,
  announced: number | undefined,
): Promise<Disposable> {
  const hook = await knownHook(parts, id)
  const wait = Math.max(parts.failures.wait(failuresKey(hook, address)), parts.deliveries.wait(hook.id))
  if (wait > 0) refuse('TOO_MANY_ATTEMPTS', wait)
  const room = announced !== undefined && announced <= smallBytes ? parts.small : parts.large
  return (
    room.take(hook.id) ?? refuse('UNAVAILABLE', 'the hook', 'too much is sent to it at once; try again in a moment')
  )
}

export const knownHook = async ({ store }: Pick<Parts, 'store'>, id: string): Promise<HookRow> =>
  (await store.read((tx) => hookById(tx, id))) ?? refuse('NOT_FOUND', 'hook', id)

export const failuresKey = ({ id }: HookRow, address: string) => `${id} ${address}`
