import { createPipeline } from '../../../contract/pipelines.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import * as pipelines from '../../store/pipelines.ts'
import { inTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { onlyTeam } from '../onlyTeam.ts'
import { pipelineView } from '../views/pipeline.ts'

export const route = handle(createPipeline, ({ settings }, call) =>
  call.write('apps', async (tx) => {
    const { actor, body } = call
    const team = await inTeam(tx, call, body.team ?? (await onlyTeam(tx, actor)))
    call.subject.target = `pipeline ${body.name}`
    const known = await pipelines.pipelinesOfTeam(tx, team.id)
    refuseMore(`pipelines of ${team.name}`, known.length, most.pipelinesOfTeam)
    const row = await pipelines.createPipeline(tx, { name: body.name, teamId: team.id, stages: body.stages })
    return await pipelineView(tx, row, { actor, settings })
  }),
)
