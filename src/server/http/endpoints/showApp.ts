import { showApp } from '../../../contract/apps.ts'
import { appDetail } from '../appDetail.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(showApp, (ctx, call) =>
  ctx.store.read(async (tx) => appDetail(tx, ctx, await authorizedApp(tx, call))),
)
