import type { Actor } from '../../model/policy.ts'
import { type AppRow, authorizeApp } from '../store/access.ts'
import { nextApps } from '../store/pipelines.ts'
import { type Promotion, promotionOf } from '../store/promotions.ts'
import type { ReadTx } from '../store/store.ts'

type Asker = { readonly actor: Actor; readonly action: 'app:read' | 'app:deploy' }

/** One for each app that is meant: the asker needs the same right there. */
export async function promotionsTo(tx: ReadTx, { actor, action }: Asker, from: AppRow, to: string | undefined) {
  const names = to === undefined ? await nextApps(tx, from) : [to]
  const found: Promotion[] = []
  for (const name of names) found.push(await promotionOf(tx, from, await authorizeApp(tx, actor, action, name)))
  return found
}
