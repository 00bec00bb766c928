import { answer, define } from '../command.ts'
import { countOf, countOption } from '../numbers.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show who did what, newest first: in a team, or everywhere (operators)',
  options: { ...countOption, team: { type: 'string', value: 'TEAM', help: 'Only in this team' } },
  examples: ['berth event list -n 100', 'berth event list --team staff'],
  async run(cli, { values }) {
    const client = await cli.client()
    const query = { limit: countOf(values, 50) }
    const events =
      values.team === undefined
        ? await client.call('listEvents', { query })
        : await client.call('listTeamEvents', { params: { team: values.team }, query })
    return answer(events, () =>
      table(
        ['WHEN', 'WHO', 'FROM', 'RESULT', 'ACTION', 'WHAT'],
        events.map(({ at, actor, source, result, action, target }) => [
          when(at),
          actor,
          source,
          result,
          action,
          target,
        ]),
      ),
    )
  },
})
