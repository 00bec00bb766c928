import { removeMember } from '../../../contract/teams.ts'
import * as teams from '../../store/teams.ts'
import { authorizedTeam } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removeMember, async (_, call) => {
  const name = call.params.user
  await call.write('people', async (tx) => {
    const team = await authorizedTeam(tx, call)
    call.subject.target = `team ${team.name}: ${name}`
    await teams.removeMember(tx, team.id, await teams.existingUser(tx, name))
  })
  return done
})
