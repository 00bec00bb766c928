import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Ask for the end of exactly this operation',
  args: 'ID',
  examples: ['berth operation cancel 8f3k2m'],
  async run(cli, { args: [operation = ''] }) {
    const client = await cli.client()
    const cancelled = await client.call('cancelOperation', { params: { operation } })
    return answer(cancelled, () => [`${cancelled.kind} of ${cancelled.app} will stop; what served before goes on`])
  },
})
