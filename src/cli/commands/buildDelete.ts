import { buildName } from '../../model/build.ts'
import { answer, define } from '../command.ts'
import { buildNumber } from '../numbers.ts'

export const command = define({
  summary: 'Delete the package of a build',
  args: 'bN',
  app: true,
  about: 'Its record stays. What serves now cannot be deleted.',
  examples: ['berth build delete b3 -a blog'],
  async run(cli, { args: [name = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const number = buildNumber(name)
    const done = await client.call('deleteBuild', { params: { app, number } })
    return answer(done, () => [`the package of ${buildName(number)} of ${app} is deleted`])
  },
})
