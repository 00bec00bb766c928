import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List your SSH keys',
  examples: ['berth key list'],
  async run(cli) {
    const keys = await (await cli.client()).call('listKeys', {})
    return answer(keys, () =>
      table(
        ['ID', 'NAME', 'TYPE', 'ADDED', 'FINGERPRINT'],
        keys.map((key) => [key.id, key.name, key.type, when(key.createdAt), key.fingerprint]),
        'no keys yet; add one with: berth key add ~/.ssh/id_ed25519.pub',
      ),
    )
  },
})
