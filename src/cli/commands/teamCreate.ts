import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Create a team (operators)',
  args: 'NAME',
  examples: ['berth team create staff'],
  async run(cli, { args: [name = ''] }) {
    const team = await (await cli.client()).call('createTeam', { body: { name } })
    return answer(team, () => [`team "${team.name}" is created; add people with: berth team add "${team.name}" USER`])
  },
})
