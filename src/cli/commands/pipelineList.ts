import { answer, define } from '../command.ts'
import { table } from '../table.ts'

export const command = define({
  summary: 'List the pipelines that you see',
  examples: ['berth pipeline list'],
  async run(cli) {
    const pipelines = await (await cli.client()).call('listPipelines', {})
    return answer(pipelines, () =>
      table(
        ['NAME', 'TEAM', 'STAGES'],
        pipelines.map(({ name, team, stages }) => [
          name,
          team,
          stages
            .map((stage) => `${stage.name} (${stage.apps.map((app) => app.name).join(', ') || 'no app'})`)
            .join(' → '),
        ]),
        'no pipeline yet; create one with: berth pipeline create NAME',
      ),
    )
  },
})
