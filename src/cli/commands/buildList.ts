import { answer, define } from '../command.ts'
import { countOf, countOption } from '../numbers.ts'
import { operationTable } from '../operations.ts'

export const command = define({
  summary: 'List builds of an app, newest first: the operations that built something',
  app: true,
  options: countOption,
  examples: ['berth build list -a blog --json'],
  async run(cli, { values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const query = { kind: 'deploy', limit: countOf(values, 20) } as const
    const builds = await client.call('listAppOperations', { params: { app }, query })
    return answer(builds, () => operationTable(builds))
  },
})
