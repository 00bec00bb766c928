import { define } from '../command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { buildNumber } from '../numbers.ts'
import { foreign, say, sayJsonLine } from '../print.ts'

export const command = define({
  summary: 'Show the log of a build',
  args: 'bN',
  app: true,
  options: { follow: { type: 'boolean', short: 'f', help: 'Go on with new lines, until the deploy is over' } },
  about: 'It is the log of the deploy that wanted the build.',
  examples: ['berth build logs b3 -a blog', 'berth build logs b3 -a blog -f'],
  async run(cli, { args: [name = ''], values: { follow = false } }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const { operation } = await client.call('showBuild', { params: { app, number: buildNumber(name) } })
    const input = { params: { operation }, query: { follow: String(follow) as 'true' | 'false' } }
    return await untilInterrupted(async (signal) => {
      for await (const line of client.stream('operationLog', input, signal)) {
        if (cli.json) sayJsonLine(line)
        else say(foreign(line.text))
      }
      return 0
    })
  },
})
