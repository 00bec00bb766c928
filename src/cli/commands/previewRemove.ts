import { answer, define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'

export const command = define({
  summary: 'Destroy a preview, or forget one that waits for approval',
  args: 'NAME',
  app: true,
  options: detachOption,
  examples: ['berth preview remove blog-pr-7 -a blog'],
  async run(cli, { args: [preview = ''], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const removed = await client.call('removePreview', { params: { app, preview } })
    if (!removed.operation) return answer(removed, () => [`${preview} is gone`])
    return await finish(cli, removed.operation, { ...values, inside: (operation) => ({ operation }) })
  },
})
