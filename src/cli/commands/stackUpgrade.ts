import { answer, define } from '../command.ts'
import { detachOption } from '../follow.ts'
import { followUpgrade, upgradeLines } from '../stacks.ts'

export const command = define({
  summary: 'Build and release anew the apps that are on an old image of their stack (operators)',
  args: '[NAME]',
  options: {
    app: { type: 'string', short: 'a', value: 'APP,…', help: 'Only these apps' },
    ...detachOption,
  },
  about:
    'One app after the other, each from the source of what it runs, like any deploy: one that cannot be built, or does not\n' +
    'become healthy, stays on its release. It goes on when the server is restarted. Exits with 1 when an app failed.',
  examples: ['berth stack upgrade', 'berth stack upgrade bookworm', 'berth stack upgrade --app blog,shop --json'],
  async run(cli, { args: [stack], values }) {
    const apps = values.app?.split(',').filter((name) => name !== '')
    const body = { ...(stack !== undefined && { stack }), ...(apps && { apps }) }
    const upgrade = await (await cli.client()).call('createUpgrade', { body })
    if (values.detach) return answer(upgrade, () => upgradeLines(upgrade))
    return await followUpgrade(cli, upgrade.id)
  },
})
