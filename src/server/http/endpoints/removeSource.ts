import { removeSource } from '../../../contract/sources.ts'
import * as sources from '../../store/sources.ts'
import { authorizedApp } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removeSource, async (ctx, call) => {
  const id = await call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    await sources.removeSource(tx, app.id)
    return app.id
  })
  await ctx.sources.forget(id)
  return done
})
