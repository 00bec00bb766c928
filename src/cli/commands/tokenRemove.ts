import { answer, define } from '../command.ts'
import { idOf } from '../pick.ts'

export const command = define({
  summary: 'Remove a token of yours; what uses it is signed out at once',
  args: 'ID|NAME',
  examples: ['berth token remove ci'],
  async run(cli, { args: [given = ''] }) {
    const client = await cli.client()
    const token = idOf('token', given, await client.call('listTokens', {}))
    const done = await client.call('removeToken', { params: { token } })
    return answer(done, () => [`token "${given}" is removed`])
  },
})
