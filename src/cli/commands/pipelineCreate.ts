import { answer, define } from '../command.ts'
import { pipelineLines } from '../promotions.ts'

export const command = define({
  summary: 'Create a pipeline: stages that a release goes through without being built again',
  args: 'NAME',
  options: {
    team: { type: 'string', value: 'TEAM', help: 'The team that owns it (default: your only one)' },
    stages: { type: 'string', value: 'NAME,…', help: 'First to last (default: staging,production)' },
  },
  examples: ['berth pipeline create blog', 'berth pipeline create shop --stages test,staging,production'],
  async run(cli, { args: [name = ''], values: { team, stages } }) {
    const given = {
      ...(team !== undefined && { team }),
      ...(stages !== undefined && { stages: stages.split(',').map((stage) => stage.trim()) }),
    }
    const pipeline = await (await cli.client()).call('createPipeline', { body: { name, ...given } })
    return answer(pipeline, () => pipelineLines(pipeline))
  },
})
