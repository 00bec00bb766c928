import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'

export const command = define({
  summary: 'Start fresh instances, then end the old ones',
  args: '[PROCESS…]',
  app: true,
  options: detachOption,
  examples: ['berth restart -a blog', 'berth restart worker -a blog'],
  async run(cli, { args, values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const operation = await client.call('restart', { params: { app }, body: { processes: [...args] } })
    return await finish(cli, operation, values)
  },
})
