import type { z } from 'zod'
import type { App } from '../../contract/apps.ts'
import { appName } from '../../model/names.ts'
import { answer, define } from '../command.ts'
import { stateCell } from '../states.ts'
import { details, table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show one app: state, release, processes, addresses',
  args: '[NAME]',
  app: true,
  examples: ['berth app show blog', 'berth app show blog --json'],
  async run(cli, { args: [name] }) {
    const client = await cli.client()
    const app = await client.call('showApp', { params: { app: name === undefined ? await cli.app() : appName(name) } })
    return answer(app, () => [...details(pairsOf(app)), '', ...processTable(app)])
  },
})

type Shown = z.output<typeof App>

const pairsOf = (app: Shown) =>
  [
    ['name', app.name],
    ['state', stateCell(app.state)],
    ['url', app.url],
    ['team', app.team],
    ['release', app.release && `v${app.release.number}, ${when(app.release.createdAt)}`],
    ['commit', app.release?.commit?.slice(0, 12)],
    ['git', app.git.ssh],
    ['git over http', app.git.http],
    ['domains', app.domains.join(', ')],
    ['variables', app.env.join(', ')],
    ['deploys from', app.deployBranch],
    ['created', when(app.createdAt)],
  ] as const

const processTable = ({ processes }: Shown) =>
  table(
    ['PROCESS', 'HEALTHY', 'MEMORY', 'CPU', 'COMMAND'],
    processes.map(({ name, running, count, memoryMb, cpu, command }) => [
      name,
      { text: `${running}/${count}`, colour: running < count ? 'yellow' : 'green' },
      `${memoryMb}M`,
      cpu,
      command.join(' ') || "the image's own",
    ]),
    'nothing deployed yet',
  )
