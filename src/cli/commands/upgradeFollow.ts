import { define } from '../command.ts'
import { followUpgrade } from '../stacks.ts'

export const command = define({
  summary: 'Follow an upgrade of stacks to its end, and show what became of each app (operators)',
  args: 'ID',
  examples: ['berth upgrade follow 3kq0v9y2m1xz'],
  run: (cli, { args: [id = ''] }) => followUpgrade(cli, id),
})
