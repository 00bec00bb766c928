import { logout } from '../../../contract/sessions.ts'
import { removeToken } from '../../store/tokens.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(logout, async (_, { actor, session, write }) => {
  await write('people', (tx) => removeToken(tx, actor.id, session.token.id))
  return done
})
