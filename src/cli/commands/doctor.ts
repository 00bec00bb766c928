import { define } from '../command.ts'
import { onThisMachine } from '../machine.ts'

export const command = define({
  summary: 'Check this machine: what is wrong, and what to do',
  args: '[OPTIONS…]',
  passthrough: 'all',
  examples: ['sudo berth doctor'],
  run: (_, { args }) => onThisMachine('doctor', args),
})
