import { answer, define } from '../command.ts'
import { stateCell } from '../states.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List upgrades of stacks, newest first (operators)',
  examples: ['berth upgrade list'],
  async run(cli) {
    const upgrades = await (await cli.client()).call('listUpgrades', { query: {} })
    return answer(upgrades, () =>
      table(
        ['UPGRADE', 'STACK', 'STATE', 'STARTED', 'BY', 'APPS', 'FAILED'],
        upgrades.map(({ id, stack, state, createdAt, author, apps }) => [
          id,
          stack ?? 'all',
          stateCell(state),
          when(createdAt),
          author,
          apps.length,
          apps.filter((app) => app.state === 'failed').length,
        ]),
        'no upgrades yet',
      ),
    )
  },
})
