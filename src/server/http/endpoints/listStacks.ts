import { listStacks } from '../../../contract/stacks.ts'
import { handle } from '../handle.ts'
import { stackView } from '../views/stack.ts'

export const route = handle(listStacks, async ({ stacks }) => (await stacks()).map(stackView))
