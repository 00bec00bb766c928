import { listMembers } from '../../../contract/teams.ts'
import { membersOf } from '../../store/teams.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(listMembers, ({ store }, call) =>
  store.read(async (tx) => membersOf(tx, (await authorizedTeam(tx, call)).id)),
)
