import { listPipelines } from '../../../contract/pipelines.ts'
import { pipelinesOfTeam } from '../../store/pipelines.ts'
import { teamsSeenBy } from '../../store/teams.ts'
import { handle } from '../handle.ts'
import { pipelineView } from '../views/pipeline.ts'

export const route = handle(listPipelines, ({ store, settings }, { actor }) =>
  store.read(async (tx) => {
    const rows = await Array.fromAsync(await teamsSeenBy(tx, actor), ({ id }) => pipelinesOfTeam(tx, id))
    const sorted = rows.flat().sort((a, b) => (a.name < b.name ? -1 : 1))
    return await Array.fromAsync(sorted, (row) => pipelineView(tx, row, { actor, settings }))
  }),
)
