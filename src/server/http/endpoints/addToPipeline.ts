import { addToPipeline } from '../../../contract/pipelines.ts'
import { authorizeApp } from '../../store/access.ts'
import { stageApp } from '../../store/pipelines.ts'
import { authorizedPipeline } from '../authorized.ts'
import { handle } from '../handle.ts'
import { pipelineView } from '../views/pipeline.ts'

export const route = handle(addToPipeline, ({ settings }, call) =>
  call.write('apps', async (tx) => {
    const { actor, body } = call
    const pipeline = await authorizedPipeline(tx, call)
    await stageApp(tx, pipeline, body.stage, await authorizeApp(tx, actor, 'app:configure', body.app))
    return await pipelineView(tx, pipeline, { actor, settings })
  }),
)
