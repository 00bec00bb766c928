import { showScale } from '../../../contract/scale.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { wantedScales } from '../released.ts'

export const route = handle(showScale, ({ store }, call) =>
  store.read(async (tx) => wantedScales(tx, await authorizedApp(tx, call))),
)
