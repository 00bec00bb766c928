import { define } from '../command.ts'
import { onThisMachine } from '../machine.ts'

export const command = define({
  summary: 'Stop Berth on this machine; the data of apps stay',
  args: '[OPTIONS…]',
  passthrough: 'all',
  examples: ['sudo berth down', 'sudo berth down --json'],
  run: (_, { args }) => onThisMachine('down', args),
})
