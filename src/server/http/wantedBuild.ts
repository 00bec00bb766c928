import { buildName } from '../../model/build.ts'
import { refuse } from '../../model/refusal.ts'
import type { AppRow } from '../store/access.ts'
import { type BuildRow, buildByNumber } from '../store/builds.ts'
import type { ReadTx } from '../store/store.ts'

/** The build that the path names. */
export async function wantedBuild(tx: ReadTx, app: AppRow, number: number): Promise<BuildRow> {
  return (await buildByNumber(tx, app.id, number)) ?? refuse('NOT_FOUND', 'build', buildName(number))
}
