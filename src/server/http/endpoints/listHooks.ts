import { listHooks } from '../../../contract/hooks.ts'
import { hooksOf } from '../../store/hooks.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { hookView } from '../views/hook.ts'

export const route = handle(listHooks, ({ store, settings }, call) =>
  store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    return (await hooksOf(tx, app.id)).map((row) => hookView(row, settings))
  }),
)
