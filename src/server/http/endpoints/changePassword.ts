import { changePassword } from '../../../contract/sessions.ts'
import { hashPassword, passwordMatches, setPassword, userByName } from '../../store/people.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'
import { limited } from '../limited.ts'

export const route = handle(changePassword, async ({ store, logins }, { actor, body, write }) => {
  const user = await store.read((tx) => userByName(tx, actor.name))
  await limited(logins, [`account ${actor.name}`], async () =>
    user && (await passwordMatches(body.current, user.password_hash)) ? user.id : undefined,
  )
  const hash = await hashPassword(body.next)
  await write('people', (tx) => setPassword(tx, actor.id, hash))
  return done
})
