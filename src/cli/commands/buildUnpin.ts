import { buildName } from '../../model/build.ts'
import { answer, define } from '../command.ts'
import { buildNumber } from '../numbers.ts'

export const command = define({
  summary: 'No longer keep the package of a build for ever',
  args: 'bN',
  app: true,
  examples: ['berth build unpin b3 -a blog'],
  async run(cli, { args: [name = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const number = buildNumber(name)
    const build = await client.call('pinBuild', { params: { app, number }, body: { pinned: false } })
    return answer(build, () => [`${buildName(number)} of ${app} goes when it is old`])
  },
})
