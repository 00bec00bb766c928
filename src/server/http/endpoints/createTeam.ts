import { createTeam } from '../../../contract/teams.ts'
import { authorizeTeam } from '../../store/access.ts'
import * as people from '../../store/people.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { teamViews } from '../views/people.ts'

export const route = handle(createTeam, async (_, call) => {
  const { name } = call.body
  onPlatform(call, `team ${name}`)
  const [team] = await call.write('people', async (tx) => {
    call.subject.teamId = await people.createTeam(tx, name)
    return teamViews(tx, [await authorizeTeam(tx, call.actor, 'team:create', name)])
  })
  if (!team) throw new Error(`team ${name} is not there`)
  return team
})
