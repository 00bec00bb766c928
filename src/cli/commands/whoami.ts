import { answer, define } from '../command.ts'
import { details } from '../table.ts'

export const command = define({
  summary: 'Show who you are, where, and your teams',
  examples: ['berth whoami'],
  async run(cli) {
    const { url, from } = await cli.login()
    const user = await (await cli.client()).call('whoami', {})
    return answer(user, () =>
      details([
        ['name', user.name],
        ['role', user.role === 'admin' ? 'operator' : 'member'],
        ['teams', user.teams.map(({ name, role }) => `${name} (${role})`).join(', ')],
        ['server', url],
        ['login from', from],
      ]),
    )
  },
})
