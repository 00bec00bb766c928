import { removeHook } from '../../../contract/hooks.ts'
import * as hooks from '../../store/hooks.ts'
import { authorizedApp } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'
import { hookOfApp } from '../hookOfApp.ts'

export const route = handle(removeHook, async (_, call) => {
  await call.write('apps', async (tx) => {
    const hook = await hookOfApp(tx, await authorizedApp(tx, call), call.params.hook)
    await hooks.removeHook(tx, hook.id)
  })
  return done
})
