import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Remove a pipeline, or an app from it; apps themselves stay',
  args: 'NAME [APP]',
  examples: ['berth pipeline remove blog', 'berth pipeline remove blog blog-staging'],
  async run(cli, { args: [pipeline = '', app] }) {
    const client = await cli.client()
    if (app === undefined) {
      const done = await client.call('removePipeline', { params: { pipeline } })
      return answer(done, () => [`pipeline ${pipeline} is removed; its apps stay`])
    }
    const shown = await client.call('removeFromPipeline', { params: { pipeline, app } })
    return answer(shown, () => [`${app} is no longer in the pipeline ${pipeline}`])
  },
})
