import { answer, define } from '../command.ts'
import { sourceLines } from '../sources.ts'

export const command = define({
  summary: 'Show where an app is fetched from, and how the last look went',
  app: true,
  examples: ['berth source show -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const source = await client.call('showSource', { params: { app } })
    return answer(source, () => sourceLines(app, source))
  },
})
