import { listUsers } from '../../../contract/users.ts'
import { allUsers } from '../../store/teams.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { userViews } from '../views/people.ts'

export const route = handle(listUsers, async ({ store }, call) => {
  onPlatform(call)
  return await store.read(async (tx) => userViews(tx, await allUsers(tx)))
})
