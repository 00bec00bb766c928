import type { Actor } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import type { ReadTx } from '../store/store.ts'
import { teamsSeenBy } from '../store/teams.ts'

/** The team that is meant where none is named. */
export async function onlyTeam(tx: ReadTx, actor: Actor): Promise<string> {
  const seen = await teamsSeenBy(tx, actor)
  const own = seen.filter(({ id }) => actor.teams[id] !== undefined)
  const [only, second] = own.length > 0 ? own : seen
  if (only && !second) return only.name
  return refuse(
    'INVALID',
    'team',
    only ? `name one of ${seen.map(({ name }) => name).join(', ')}` : 'you are in no team',
  )
}
