import { showSource } from '../../../contract/sources.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { sourceView } from '../views/source.ts'

export const route = handle(showSource, ({ store }, call) =>
  store.read(async (tx) => sourceView(tx, await authorizedApp(tx, call))),
)
