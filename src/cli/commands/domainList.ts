import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List the host names that an app answers to',
  app: true,
  examples: ['berth domain list -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const domains = await client.call('listDomains', { params: { app } })
    return answer(domains, () =>
      table(
        ['NAME', 'KIND', 'ADDED'],
        domains.map(({ name, own, createdAt }) => [name, own ? 'its own' : 'added', when(createdAt)]),
      ),
    )
  },
})
