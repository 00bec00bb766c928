import { changePassword } from '../../../contract/sessions.ts'
import { refuse } from '../../../model/refusal.ts'
import { hashPassword, passwordMatches, setPassword, userByName } from '../../store/people.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'
import { limited } from '../limited.ts'

export const route = handle(changePassword, async ({ store, logins }, { actor, body, write }) => {
  const user = await store.read((tx) => userByName(tx, actor.name))
  const right = await limited(logins, [`account ${actor.name}`], async () =>
    user && (await passwordMatches(body.current, user.password_hash)) ? user.id : undefined,
  )
  if (!right) refuse('INVALID', 'current', 'is not your password')
  const hash = await hashPassword(body.next)
  await write('people', (tx) => setPassword(tx, actor.id, hash))
  return done
})
