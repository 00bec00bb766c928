import { answer, define } from '../command.ts'
import { pipelineLines } from '../promotions.ts'

export const command = define({
  summary: 'Show what runs in the stages of a pipeline',
  args: 'NAME',
  examples: ['berth pipeline show blog'],
  async run(cli, { args: [pipeline = ''] }) {
    const shown = await (await cli.client()).call('showPipeline', { params: { pipeline } })
    return answer(shown, () => pipelineLines(shown))
  },
})
