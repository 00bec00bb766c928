import { answer, define } from '../command.ts'
import { upgradeLines } from '../stacks.ts'

export const command = define({
  summary: 'End an upgrade of stacks: apps that have not begun stay as they are (operators)',
  args: 'ID',
  examples: ['berth upgrade cancel 3kq0v9y2m1xz'],
  async run(cli, { args: [id = ''] }) {
    const upgrade = await (await cli.client()).call('cancelUpgrade', { params: { upgrade: id } })
    return answer(upgrade, () => upgradeLines(upgrade))
  },
})
