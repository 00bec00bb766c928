import { buildDetails } from '../builds.ts'
import { answer, define } from '../command.ts'
import { buildNumber } from '../numbers.ts'

export const command = define({
  summary: 'Show one build: who, from what, its steps and its result',
  args: 'bN',
  app: true,
  examples: ['berth build show b3 -a blog'],
  async run(cli, { args: [name = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const build = await client.call('showBuild', { params: { app, number: buildNumber(name) } })
    return answer(build, () => buildDetails(build))
  },
})
