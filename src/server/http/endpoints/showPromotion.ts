import { showPromotion } from '../../../contract/pipelines.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { promotionsTo } from '../promotedTo.ts'
import { promotionView } from '../views/pipeline.ts'

export const route = handle(showPromotion, ({ store }, call) =>
  store.read(async (tx) => {
    const asker = { actor: call.actor, action: 'app:read' } as const
    const found = await promotionsTo(tx, asker, await authorizedApp(tx, call), call.query.to)
    return found.map((one) => promotionView(one))
  }),
)
