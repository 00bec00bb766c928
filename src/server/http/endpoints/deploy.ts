import { deploy } from '../../../contract/deploys.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { forSource, receiveTar } from '../upload.ts'
import { deployUploaded, takeSlot } from '../uploaded.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(deploy, async (ctx, call) => {
  await ctx.store.read((tx) => authorizedApp(tx, call))
  using _slot = takeSlot(call)
  const { message, fresh } = call.query
  const source = { kind: 'upload', ...(fresh && { fresh }) } as const
  const limits = { ...forSource, reserve: ctx.settings.reserve }
  const receive = (dir: string) => receiveTar(call.request, dir, limits)
  return operationView(await deployUploaded(ctx, call, { source, message }, receive))
})
