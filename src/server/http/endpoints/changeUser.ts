import { changeUser } from '../../../contract/users.ts'
import { refuse } from '../../../model/refusal.ts'
import { hashPassword, updateUser } from '../../store/people.ts'
import { existingUser, refuseLastOperator } from '../../store/teams.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { userViews } from '../views/people.ts'

export const route = handle(changeUser, async (_, call) => {
  const { disabled, role, password } = call.body
  onPlatform(call, `user ${call.params.user}`)
  if (Object.keys(call.body).length === 0) refuse('INVALID', 'body', 'give at least one of disabled, role, password')
  const passwordHash = password === undefined ? undefined : await hashPassword(password)
  const [user] = await call.write('people', async (tx) => {
    const row = await existingUser(tx, call.params.user)
    if (row.role === 'admin' && (disabled || role === 'member')) await refuseLastOperator(tx, row)
    return userViews(tx, [await updateUser(tx, row, { disabled, role, passwordHash })])
  })
  if (!user) throw new Error(`user ${call.params.user} is not there`)
  return user
})
