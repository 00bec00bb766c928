import type { Scale } from '../../model/release.ts'
import { scaleFor } from '../../model/release.ts'
import type { AppRow } from '../store/access.ts'
import { scalesOf } from '../store/apps.ts'
import { formationOf, liveRelease } from '../store/releases.ts'
import type { ReadTx } from '../store/store.ts'

/** Whether a change has to be brought to something that runs, or is about to. */
export async function hasRelease(tx: ReadTx, app: AppRow): Promise<boolean> {
  if (await liveRelease(tx, app.id)) return true
  const open = await tx
    .selectFrom('operations')
    .select('id')
    .where('app_id', '=', app.id)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst()
  return open !== undefined
}

/** Every process that the live release knows, and every one that was ever scaled. */
export async function wantedScales(tx: ReadTx, app: AppRow): Promise<({ process: string } & Scale)[]> {
  const live = await liveRelease(tx, app.id)
  const formation = live && formationOf(live)
  const wanted = await scalesOf(tx, app.id)
  const names = new Set([...(formation?.processes.map(({ name }) => name) ?? ['web']), ...Object.keys(wanted)])
  return [...names].map((process) => ({ process, ...scaleFor(process, wanted, formation?.scale ?? {}) }))
}
