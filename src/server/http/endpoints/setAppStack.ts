import { setAppStack } from '../../../contract/stacks.ts'
import { currentImages } from '../../../stack/state.ts'
import { setStackOfApp } from '../../store/stacks.ts'
import { servingApps } from '../../store/upgrades.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { appStackView } from '../views/stack.ts'
import { requireFile, wantedStack } from '../wantedStack.ts'

export const route = handle(setAppStack, async (ctx, call) => {
  const { stack } = call.body
  await ctx.store.read((tx) => authorizedApp(tx, call))
  if (stack !== null) requireFile((await wantedStack(ctx, stack)).state)
  const current = currentImages(await ctx.stacks())
  return await call.write(['apps', 'stacks'], async (tx) => {
    const app = await authorizedApp(tx, call)
    await setStackOfApp(tx, app.id, stack)
    const serving = await servingApps(tx)
    return appStackView(
      stack,
      serving.find((one) => one.app.id === app.id),
      current,
    )
  })
})
