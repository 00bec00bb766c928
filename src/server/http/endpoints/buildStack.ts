import { buildStack } from '../../../contract/stacks.ts'
import { newOperationId } from '../../store/operations.ts'
import { wantStack } from '../../store/stacks.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { stackView } from '../views/stack.ts'
import { requireFile, wantedStack } from '../wantedStack.ts'

export const route = handle(buildStack, async (ctx, call) => {
  const name = call.params.stack
  onPlatform(call, `stack ${name}`)
  requireFile((await wantedStack(ctx, name)).state)
  await call.write('stacks', (tx) => wantStack(tx, name, call.actor.name, newOperationId()))
  return stackView((await wantedStack(ctx, name)).state)
})
