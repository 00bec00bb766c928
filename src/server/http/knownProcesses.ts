import { refuse } from '../../model/refusal.ts'
import type { AppRow } from '../store/access.ts'
import { formationOf, liveRelease } from '../store/releases.ts'
import type { ReadTx } from '../store/store.ts'

/** Refuses names that the live release does not know; without a release there is nothing to act on. */
export async function knownProcesses(tx: ReadTx, app: AppRow, field: string, names: readonly string[]): Promise<void> {
  const live = (await liveRelease(tx, app.id)) ?? refuse('NOTHING_DEPLOYED', app.name)
  const known = formationOf(live).processes.map(({ name }) => name)
  const stranger = names.find((name) => !known.includes(name))
  if (stranger) refuse('INVALID', field, `${app.name} has no process "${stranger}"; it has ${known.join(', ')}`)
}
