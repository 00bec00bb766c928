import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show what came by a webhook, and what was done about it and why',
  args: 'ID',
  app: true,
  examples: ['berth hook deliveries k3v9dm2x7q4w8n5p6r2t -a blog'],
  async run(cli, { args: [hook = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const deliveries = await client.call('listDeliveries', { params: { app, hook }, query: {} })
    return answer(deliveries, () =>
      table(
        ['AT', 'EVENT', 'REF', 'COMMIT', 'OUTCOME', 'REASON'],
        deliveries.map(({ at, event, ref, commit, outcome, reason }) => [
          when(at),
          event,
          ref,
          commit?.slice(0, 8),
          outcome,
          reason,
        ]),
      ),
    )
  },
})
