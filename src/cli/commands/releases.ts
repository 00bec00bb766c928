import { releaseName } from '../../model/release.ts'
import { answer, define } from '../command.ts'
import { countOf, countOption } from '../numbers.ts'
import { stateCell } from '../states.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List releases of an app, newest first',
  app: true,
  options: countOption,
  examples: ['berth releases -a blog', 'berth releases -a blog --json'],
  async run(cli, { values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const releases = await client.call('listReleases', { params: { app }, query: { limit: countOf(values, 20) } })
    return answer(releases, () =>
      table(
        ['RELEASE', 'STATE', 'CREATED', 'BY', 'COMMIT', 'WHY'],
        releases.map(({ number, state, createdAt, author, commit, reason }) => [
          releaseName(number),
          stateCell(state),
          when(createdAt),
          author,
          commit?.slice(0, 8),
          reason,
        ]),
        'no releases yet; deploy with: git push berth main',
      ),
    )
  },
})
