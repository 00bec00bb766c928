import { removeToken } from '../../../contract/tokens.ts'
import * as tokens from '../../store/tokens.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removeToken, async (_, call) => {
  call.subject.target = `token ${call.params.token}`
  await call.write('people', (tx) => tokens.removeToken(tx, call.actor.id, call.params.token))
  return done
})
