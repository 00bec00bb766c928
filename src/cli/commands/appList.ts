import { answer, define } from '../command.ts'
import { stateCell } from '../states.ts'
import { table } from '../table.ts'

export const command = define({
  summary: 'List the apps that you see',
  examples: ['berth app list', 'berth app list --json'],
  async run(cli) {
    const apps = await (await cli.client()).call('listApps', {})
    return answer(apps, () =>
      table(
        ['NAME', 'STATE', 'RELEASE', 'TEAM', 'URL'],
        apps.map((app) => [app.name, stateCell(app.state), app.release && `v${app.release}`, app.team, app.url]),
        'no apps yet; create one with: berth app create NAME',
      ),
    )
  },
})
