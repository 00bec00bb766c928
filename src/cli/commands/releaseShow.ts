import { buildName } from '../../model/build.ts'
import { releaseName } from '../../model/release.ts'
import { answer, define } from '../command.ts'
import { releaseNumber } from '../numbers.ts'
import { stateCell } from '../states.ts'
import { details, table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show one release, with what it runs',
  args: 'vN',
  app: true,
  examples: ['berth release show v3 -a blog'],
  async run(cli, { args: [version = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const number = releaseNumber(version)
    const release = await client.call('showRelease', { params: { app, number } })
    return answer(release, () => [
      ...details([
        ['release', releaseName(release.number)],
        ['state', stateCell(release.state)],
        ['why', release.reason],
        ['by', release.author],
        ['created', when(release.createdAt)],
        ['commit', release.commit],
        ['build', release.build === null ? undefined : buildName(release.build)],
        ['image', release.image],
        ['operation', release.operation],
        ['port', release.port],
        ['health', `${release.health.path} within ${release.health.deadlineMs / 1000} s`],
        ['release command', release.releaseCommand?.join(' ')],
        ['postdeploy', release.postdeployCommand?.join(' ')],
        ['first deploy', release.firstDeployCommand?.join(' ')],
        ['variables', release.env.join(', ')],
      ]),
      '',
      ...table(
        ['PROCESS', 'COMMAND'],
        release.processes.map(({ name, command }) => [name, command.join(' ') || "the image's own"]),
      ),
    ])
  },
})
