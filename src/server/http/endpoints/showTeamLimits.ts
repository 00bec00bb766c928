import { showTeamLimits } from '../../../contract/teamLimits.ts'
import { limitsOfTeam } from '../../store/teamLimits.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { teamLimitsView } from '../views/teamLimits.ts'

export const route = handle(showTeamLimits, async ({ store, settings }, call) =>
  teamLimitsView(await store.read(async (tx) => limitsOfTeam(tx, (await authorizedTeam(tx, call)).id)), settings),
)
