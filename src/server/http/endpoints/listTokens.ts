import { listTokens } from '../../../contract/tokens.ts'
import { tokensOf } from '../../store/tokens.ts'
import { handle } from '../handle.ts'
import { tokenView } from '../views/people.ts'

export const route = handle(listTokens, async ({ store }, { actor }) =>
  (await store.read((tx) => tokensOf(tx, actor.id))).map(tokenView),
)
