import { whoami } from '../../../contract/sessions.ts'
import { handle } from '../handle.ts'
import { whoamiView } from '../views/people.ts'

export const route = handle(whoami, ({ store }, { actor }) => store.read((tx) => whoamiView(tx, actor)))
