import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List the webhooks of an app',
  app: true,
  examples: ['berth hook list -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const hooks = await client.call('listHooks', { params: { app } })
    return answer(hooks, () =>
      table(
        ['ID', 'PROVIDER', 'REPORTS', 'CREATED', 'URL'],
        hooks.map(({ id, provider, reports, createdAt, url }) => [
          id,
          provider,
          reports ? 'yes' : 'no',
          when(createdAt),
          url,
        ]),
      ),
    )
  },
})
