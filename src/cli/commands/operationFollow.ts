import { define } from '../command.ts'
import { finish } from '../follow.ts'

export const command = define({
  summary: 'Show the log of an operation until it is over',
  args: 'ID',
  about: 'The exit code is 0 when it succeeded.',
  examples: ['berth operation follow 8f3k2m'],
  async run(cli, { args: [operation = ''] }) {
    const client = await cli.client()
    return await finish(cli, await client.call('showOperation', { params: { operation } }))
  },
})
