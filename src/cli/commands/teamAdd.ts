import { answer, define } from '../command.ts'
import { oneOf } from '../numbers.ts'

export const command = define({
  summary: 'Take a user into a team, or change the role there',
  args: 'TEAM USER',
  options: { role: { type: 'string', value: 'ROLE', help: 'member (default) or admin' } },
  examples: ['berth team add staff ada', 'berth team add staff grace --role admin'],
  async run(cli, { args: [team = '', user = ''], values }) {
    const role = oneOf('--role', values.role ?? 'member', ['admin', 'member'])
    const member = await (await cli.client()).call('setMember', { params: { team }, body: { user, role } })
    return answer(member, () => [`${member.user} is ${member.role} of team "${team}"`])
  },
})
