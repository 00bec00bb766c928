import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List the teams that you see',
  examples: ['berth team list'],
  async run(cli) {
    const teams = await (await cli.client()).call('listTeams', {})
    return answer(teams, () =>
      table(
        ['NAME', 'APPS', 'MEMBERS', 'CREATED'],
        teams.map(({ name, apps, members, createdAt }) => [name, apps, members, when(createdAt)]),
      ),
    )
  },
})
