import { removePipeline } from '../../../contract/pipelines.ts'
import * as pipelines from '../../store/pipelines.ts'
import { authorizedPipeline } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removePipeline, async (_, call) => {
  await call.write('apps', async (tx) => {
    const { id } = await authorizedPipeline(tx, call)
    await pipelines.removePipeline(tx, id)
  })
  return done
})
