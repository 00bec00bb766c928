import { answer, define } from '../command.ts'
import { table } from '../table.ts'

export const command = define({
  summary: 'List what can be built without a Dockerfile',
  examples: ['berth runtime list --json'],
  async run(cli) {
    const runtimes = await (await cli.client()).call('listRuntimes', {})
    return answer(runtimes, () =>
      table(
        ['NAME', 'WHAT IT BUILDS', 'FROM'],
        runtimes.map(({ name, summary, origin }) => [name, summary, origin === 'own' ? 'your operator' : 'Berth']),
      ),
    )
  },
})
