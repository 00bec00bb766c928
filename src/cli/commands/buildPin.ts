import { buildName } from '../../model/build.ts'
import { answer, define } from '../command.ts'
import { buildNumber } from '../numbers.ts'

export const command = define({
  summary: 'Keep the package of a build whatever comes after it',
  args: 'bN',
  app: true,
  examples: ['berth build pin b3 -a blog'],
  async run(cli, { args: [name = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const number = buildNumber(name)
    const build = await client.call('pinBuild', { params: { app, number }, body: { pinned: true } })
    return answer(build, () => [`${buildName(number)} of ${app} is kept until it is unpinned`])
  },
})
