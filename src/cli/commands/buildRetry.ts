import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { buildNumber } from '../numbers.ts'

export const command = define({
  summary: 'Deploy once more from the source of a build',
  args: 'bN',
  app: true,
  options: detachOption,
  about:
    'Sources are kept of the newest build that succeeded and of the newest one that did not. It becomes a new build and a new release.',
  examples: ['berth build retry b3 -a blog'],
  async run(cli, { args: [name = ''], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const operation = await client.call('retryBuild', { params: { app, number: buildNumber(name) } })
    return await finish(cli, operation, values)
  },
})
