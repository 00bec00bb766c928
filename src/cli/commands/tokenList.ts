import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List your tokens, without the tokens themselves',
  examples: ['berth token list'],
  async run(cli) {
    const tokens = await (await cli.client()).call('listTokens', {})
    return answer(tokens, () =>
      table(
        ['ID', 'NAME', 'CREATED', 'LAST USED', 'ENDS'],
        tokens.map(({ id, name, ...at }) => [id, name, when(at.createdAt), when(at.lastUsedAt), when(at.expiresAt)]),
      ),
    )
  },
})
