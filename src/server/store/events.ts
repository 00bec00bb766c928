import type { Actor } from '../../model/policy.ts'
import { now } from './ids.ts'
import type { WriteTx } from './store.ts'

export type Audit = { action: string; target: string; teamId: string | null; source: string; result: string }

/** One line of the audit log, in the transaction of what it tells about. Never a secret value. */
export const record = (tx: WriteTx, actor: Pick<Actor, 'name'>, { teamId, ...audit }: Audit) =>
  tx
    .insertInto('events')
    .values({ at: now(), actor: actor.name, team_id: teamId, ...audit })
    .execute()
