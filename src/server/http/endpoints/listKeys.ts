import { listKeys } from '../../../contract/keys.ts'
import { keysOf } from '../../store/keys.ts'
import { handle } from '../handle.ts'
import { keyView } from '../views/people.ts'

export const route = handle(listKeys, async ({ store }, { actor }) =>
  (await store.read((tx) => keysOf(tx, actor.id))).map(keyView),
)
