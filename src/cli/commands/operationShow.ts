import { answer, define } from '../command.ts'
import { operationDetails } from '../operations.ts'

export const command = define({
  summary: 'Show one operation',
  args: 'ID',
  examples: ['berth operation show 8f3k2m'],
  async run(cli, { args: [operation = ''] }) {
    const client = await cli.client()
    const shown = await client.call('showOperation', { params: { operation } })
    return answer(shown, () => operationDetails(shown))
  },
})
