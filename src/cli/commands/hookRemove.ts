import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Remove a webhook of an app',
  args: 'ID',
  app: true,
  examples: ['berth hook remove k3v9dm2x7q4w8n5p6r2t -a blog'],
  async run(cli, { args: [hook = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const done = await client.call('removeHook', { params: { app, hook } })
    return answer(done, () => [`hook ${hook} of ${app} is removed; remove it at the provider too`])
  },
})
