import { answer, define } from '../command.ts'
import { pipelineLines } from '../promotions.ts'

export const command = define({
  summary: 'Put an app into a stage of a pipeline',
  args: 'NAME STAGE',
  app: true,
  examples: ['berth pipeline add blog staging -a blog-staging', 'berth pipeline add blog production -a blog'],
  async run(cli, { args: [pipeline = '', stage = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const shown = await client.call('addToPipeline', { params: { pipeline }, body: { app, stage } })
    return answer(shown, () => pipelineLines(shown))
  },
})
