import { removeKey } from '../../../contract/keys.ts'
import * as keys from '../../store/keys.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removeKey, async (_, call) => {
  call.subject.target = `key ${call.params.key}`
  await call.write('people', (tx) => keys.removeKey(tx, call.actor.id, call.params.key))
  return done
})
