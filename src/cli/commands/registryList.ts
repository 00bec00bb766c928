import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { teamOf } from '../teams.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List the registries that a team has credentials of',
  options: { team: { type: 'string', value: 'TEAM', help: 'Whose (default: your only one)' } },
  examples: ['berth registry list', 'berth registry list --team staff'],
  async run(cli, { values }) {
    const client = await cli.client()
    const registries = await client.call('listRegistries', { params: { team: await teamOf(client, values.team) } })
    return answer(registries, () =>
      table(
        ['ID', 'SERVER', 'USER', 'FOR', 'ADDED'],
        registries.map(({ id, server, username, app, createdAt }) => [
          id,
          server,
          username,
          app ?? 'all apps',
          when(createdAt),
        ]),
      ),
    )
  },
})
