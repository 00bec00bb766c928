import { removeFromPipeline } from '../../../contract/pipelines.ts'
import { unstageApp } from '../../store/pipelines.ts'
import { authorizedPipeline } from '../authorized.ts'
import { handle } from '../handle.ts'
import { pipelineView } from '../views/pipeline.ts'

export const route = handle(removeFromPipeline, ({ settings }, call) =>
  call.write('apps', async (tx) => {
    const pipeline = await authorizedPipeline(tx, call)
    await unstageApp(tx, pipeline, call.params.app)
    return await pipelineView(tx, pipeline, { actor: call.actor, settings })
  }),
)
