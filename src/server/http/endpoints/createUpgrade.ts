import { createUpgrade } from '../../../contract/stacks.ts'
import { currentImages } from '../../../stack/state.ts'
import { appsOfUpgrade, createUpgrade as create } from '../../store/upgrades.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { upgradeView } from '../views/stack.ts'
import { wantedStack } from '../wantedStack.ts'

export const route = handle(createUpgrade, async (ctx, call) => {
  onPlatform(call)
  const { stack = null, apps = null } = call.body
  if (stack !== null) await wantedStack(ctx, stack)
  const current = currentImages(await ctx.stacks())
  return await call.write(['stacks'], async (tx) => {
    const upgrade = await create(tx, { stack, apps, author: call.actor.name }, current)
    return upgradeView(upgrade, await appsOfUpgrade(tx, upgrade.id))
  })
})
