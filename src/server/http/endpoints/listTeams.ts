import { listTeams } from '../../../contract/teams.ts'
import { teamsSeenBy } from '../../store/teams.ts'
import { handle } from '../handle.ts'
import { teamViews } from '../views/people.ts'

export const route = handle(listTeams, ({ store }, { actor }) =>
  store.read(async (tx) => teamViews(tx, await teamsSeenBy(tx, actor))),
)
