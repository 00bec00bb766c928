import { define } from '../command.ts'
import { onThisMachine } from '../machine.ts'

export const command = define({
  summary: 'Show whether the parts on this machine run',
  args: '[OPTIONS…]',
  passthrough: 'all',
  examples: ['berth status'],
  run: (_, { args }) => onThisMachine('status', args),
})
