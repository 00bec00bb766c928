import { answer, define } from '../command.ts'
import { buildNumber } from '../numbers.ts'

export const command = define({
  summary: 'Ask for the end of exactly this build, and of its deploy',
  args: 'bN',
  app: true,
  examples: ['berth build cancel b3 -a blog'],
  async run(cli, { args: [name = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const operation = await client.call('cancelBuild', { params: { app, number: buildNumber(name) } })
    return answer(operation, () => [`the build will stop; what serves ${app} goes on`])
  },
})
