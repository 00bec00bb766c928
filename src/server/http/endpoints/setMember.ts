import { setMember } from '../../../contract/teams.ts'
import * as people from '../../store/people.ts'
import { existingUser } from '../../store/teams.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(setMember, async (_, call) => {
  const { user: name, role } = call.body
  await call.write('people', async (tx) => {
    const team = await authorizedTeam(tx, call)
    call.subject.target = `team ${team.name}: ${name} as ${role}`
    await people.setMember(tx, team.id, (await existingUser(tx, name)).id, role)
  })
  return { user: name, role }
})
