import { showPipeline } from '../../../contract/pipelines.ts'
import { authorizedPipeline } from '../authorized.ts'
import { handle } from '../handle.ts'
import { pipelineView } from '../views/pipeline.ts'

export const route = handle(showPipeline, ({ store, settings }, call) =>
  store.read(async (tx) => pipelineView(tx, await authorizedPipeline(tx, call), { actor: call.actor, settings })),
)
