import { answer, define } from '../command.ts'
import { table } from '../table.ts'

export const command = define({
  summary: 'List the members of a team',
  args: 'TEAM',
  examples: ['berth team members staff'],
  async run(cli, { args: [team = ''] }) {
    const members = await (await cli.client()).call('listMembers', { params: { team } })
    return answer(members, () =>
      table(
        ['USER', 'ROLE'],
        members.map(({ user, role }) => [user, role]),
      ),
    )
  },
})
