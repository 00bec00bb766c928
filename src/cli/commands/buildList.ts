import { buildTable } from '../builds.ts'
import { answer, define } from '../command.ts'
import { countOf, countOption } from '../numbers.ts'

export const command = define({
  summary: 'List builds of an app, newest first',
  app: true,
  options: countOption,
  examples: ['berth build list -a blog', 'berth build list -a blog --json'],
  async run(cli, { values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const builds = await client.call('listBuilds', { params: { app }, query: { limit: countOf(values, 20) } })
    return answer(builds, () => buildTable(builds))
  },
})
