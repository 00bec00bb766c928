import { answer, define } from '../command.ts'
import { previewDetails } from '../previews.ts'

export const command = define({
  summary: 'Show one preview of an app',
  args: 'NAME',
  app: true,
  examples: ['berth preview show blog-pr-7 -a blog'],
  async run(cli, { args: [preview = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const shown = await client.call('showPreview', { params: { app, preview } })
    return answer(shown, () => previewDetails(app, shown))
  },
})
