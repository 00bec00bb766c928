import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Take a user out of a team',
  args: 'TEAM USER',
  examples: ['berth team remove staff ada'],
  async run(cli, { args: [team = '', user = ''] }) {
    const done = await (await cli.client()).call('removeMember', { params: { team, user } })
    return answer(done, () => [`${user} is no longer in team "${team}"`])
  },
})
