import { define } from '../command.ts'
import { onThisMachine } from '../machine.ts'

export const command = define({
  summary: 'Install what is missing and start everything on this machine',
  args: '[OPTIONS…]',
  passthrough: 'all',
  examples: ['sudo berth up --domain example.com', 'sudo berth up --json | jq -r .urls.berth'],
  run: (_, { args }) => onThisMachine('up', args),
})
