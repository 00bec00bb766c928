import { answer, define } from '../command.ts'
import { teamOf } from '../teams.ts'

export const command = define({
  summary: 'Forget the credentials of a registry',
  args: 'ID',
  options: { team: { type: 'string', value: 'TEAM', help: 'Whose (default: your only one)' } },
  examples: ['berth registry remove 4kq8m2x7w9np'],
  async run(cli, { args: [registry = ''], values }) {
    const client = await cli.client()
    const team = await teamOf(client, values.team)
    const done = await client.call('removeRegistry', { params: { team, registry } })
    return answer(done, () => [`registry ${registry} is forgotten`])
  },
})
