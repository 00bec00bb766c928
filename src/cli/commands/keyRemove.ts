import { answer, define } from '../command.ts'
import { idOf } from '../pick.ts'

export const command = define({
  summary: 'Remove an SSH key of yours',
  args: 'ID|NAME',
  examples: ['berth key remove laptop'],
  async run(cli, { args: [given = ''] }) {
    const client = await cli.client()
    const key = idOf('key', given, await client.call('listKeys', {}))
    const done = await client.call('removeKey', { params: { key } })
    return answer(done, () => [`key "${given}" is removed`])
  },
})
