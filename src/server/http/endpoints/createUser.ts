import { createUser } from '../../../contract/users.ts'
import { authorizeTeam } from '../../store/access.ts'
import { randomId } from '../../store/ids.ts'
import * as people from '../../store/people.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { userViews } from '../views/people.ts'

export const route = handle(createUser, async (_, call) => {
  const { name, role, team } = call.body
  onPlatform(call, `user ${name}`)
  const password = call.body.password ?? randomId(20)
  const passwordHash = await people.hashPassword(password)
  const [user] = await call.write('people', async (tx) => {
    const row = await people.createUser(tx, { name, role, passwordHash })
    if (team)
      await people.setMember(tx, (await authorizeTeam(tx, call.actor, 'team:manage', team)).id, row.id, 'member')
    return userViews(tx, [row])
  })
  if (!user) throw new Error(`user ${name} is not there`)
  return { ...user, password: call.body.password === undefined ? password : null }
})
