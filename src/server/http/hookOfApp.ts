import { refuse } from '../../model/refusal.ts'
import type { AppRow } from '../store/access.ts'
import { type HookRow, hookById } from '../store/hooks.ts'
import type { ReadTx } from '../store/store.ts'

/** A hook is reached only through its app. */
export async function hookOfApp(tx: ReadTx, app: AppRow, id: string): Promise<HookRow> {
  const hook = await hookById(tx, id)
  return hook?.app_id === app.id ? hook : refuse('NOT_FOUND', 'hook', id)
}
