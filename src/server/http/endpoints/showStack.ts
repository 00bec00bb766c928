import { showStack } from '../../../contract/stacks.ts'
import { sees } from '../../../model/policy.ts'
import { currentImages } from '../../../stack/state.ts'
import { servingApps, stackFor } from '../../store/upgrades.ts'
import { handle } from '../handle.ts'
import { stackDetail } from '../views/stack.ts'
import { wantedStack } from '../wantedStack.ts'

export const route = handle(showStack, async (ctx, { params, actor }) => {
  const { state, all } = await wantedStack(ctx, params.stack)
  const serving = await ctx.store.read(servingApps)
  const seen = serving.filter((one) => stackFor(one) === state.name && sees(actor, one.app.team_id))
  return stackDetail(state, seen, currentImages(all))
})
