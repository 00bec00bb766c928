import { answer, define } from '../command.ts'
import { stateCell } from '../states.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List all users (operators)',
  examples: ['berth user list'],
  async run(cli) {
    const users = await (await cli.client()).call('listUsers', {})
    return answer(users, () =>
      table(
        ['NAME', 'ROLE', 'STATE', 'CREATED', 'TEAMS'],
        users.map(({ name, role, disabled, createdAt, teams }) => [
          name,
          role === 'admin' ? 'operator' : 'member',
          stateCell(disabled ? 'disabled' : 'enabled'),
          when(createdAt),
          teams.map((team) => `${team.name} (${team.role})`).join(', '),
        ]),
      ),
    )
  },
})
