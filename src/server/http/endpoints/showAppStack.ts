import { showAppStack } from '../../../contract/stacks.ts'
import { currentImages } from '../../../stack/state.ts'
import { servingApps } from '../../store/upgrades.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { appStackView } from '../views/stack.ts'

export const route = handle(showAppStack, async (ctx, call) => {
  const [app, serving] = await ctx.store.read(async (tx) => [await authorizedApp(tx, call), await servingApps(tx)])
  const own = serving.find((one) => one.app.id === app.id)
  return appStackView(app.stack, own, currentImages(await ctx.stacks()))
})
