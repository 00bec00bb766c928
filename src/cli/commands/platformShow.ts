import { answer, define } from '../command.ts'
import { details, table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show version, counts and nodes of the installation (operators)',
  about: '"berth status" looks at the parts on the server machine itself; this asks the API, from anywhere.',
  examples: ['berth platform show'],
  async run(cli) {
    const status = await (await cli.client()).call('platformStatus', {})
    const { users, teams, apps, releases, openOperations, instances, healthyInstances } = status.counts
    return answer(status, () => [
      ...details([
        ['version', status.version],
        ['domain', status.domain],
        ['started', when(status.startedAt)],
        ['people', `${users} users in ${teams} teams`],
        ['apps', `${apps} with ${releases} releases`],
        ['instances', `${healthyInstances} healthy of ${instances}`],
        ['operations', `${openOperations} open`],
      ]),
      '',
      ...table(
        ['NODE', 'SEEN', 'SETS ROUTED', 'REVISION'],
        status.nodes.map(({ node, seenAt, routed, revision }) => [node, when(seenAt), routed, revision]),
      ),
    ])
  },
})
