import { answer, define } from '../command.ts'
import { previewTable } from '../previews.ts'

export const command = define({
  summary: 'List the previews of an app, and pull requests that wait for approval',
  app: true,
  examples: ['berth preview list -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const previews = await client.call('listPreviews', { params: { app } })
    return answer(previews, () => previewTable(previews))
  },
})
