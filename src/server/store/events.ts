import type { Selectable } from 'kysely'
import type { Actor } from '../../model/policy.ts'
import { now } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type Audit = { action: string; target: string; teamId: string | null; source: string; result: string }

/** One line of the audit log, in the transaction of what it tells about. Never a secret value. */
export const record = (tx: WriteTx, actor: Pick<Actor, 'name'>, { teamId, ...audit }: Audit) =>
  tx
    .insertInto('events')
    .values({ at: now(), actor: actor.name, team_id: teamId, ...audit })
    .execute()

export type EventRow = Selectable<Tables['events']> & { readonly team: string | null }
export type EventFilter = { readonly teamId?: string; readonly limit: number; readonly before?: number | undefined }

/** Newest first. */
export function listEvents(tx: ReadTx, { teamId, limit, before }: EventFilter): Promise<EventRow[]> {
  let query = tx
    .selectFrom('events')
    .leftJoin('teams', 'teams.id', 'events.team_id')
    .selectAll('events')
    .select('teams.name as team')
    .orderBy('events.seq', 'desc')
    .limit(limit)
  if (teamId !== undefined) query = query.where('events.team_id', '=', teamId)
  if (before !== undefined) query = query.where('events.seq', '<', before)
  return query.execute()
}
