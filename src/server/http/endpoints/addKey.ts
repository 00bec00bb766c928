import { addKey } from '../../../contract/keys.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import { label } from '../../../model/names.ts'
import * as keys from '../../store/keys.ts'
import { handle } from '../handle.ts'
import { nameFrom, publicKey } from '../publicKey.ts'
import { keyView } from '../views/people.ts'

export const route = handle(addKey, async (_, call) => {
  const key = publicKey(call.body.key)
  const name = call.body.name ?? label('name', nameFrom(key))
  call.subject.target = `key ${key.fingerprint}`
  const { fingerprint, type, blob } = key
  const added = { name, fingerprint, publicKey: `${type} ${blob}` }
  const row = await call.write('people', async (tx) => {
    refuseMore('your keys', (await keys.keysOf(tx, call.actor.id)).length, most.keysOfUser)
    return await keys.addKey(tx, call.actor.id, added)
  })
  return keyView(row)
})
