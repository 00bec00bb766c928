import { deployImageFile } from '../../../contract/deploys.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { forImage, receiveTar } from '../upload.ts'
import { deployUploaded, takeSlot } from '../uploaded.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(deployImageFile, async (ctx, call) => {
  await ctx.store.read((tx) => authorizedApp(tx, call))
  using _slot = takeSlot(call)
  const source = { kind: 'image', image: 'an uploaded image', uploaded: true } as const
  const limits = { ...forImage, reserve: ctx.settings.reserve }
  const receive = (dir: string) => receiveTar(call.request, dir, limits)
  return operationView(await deployUploaded(ctx, call, { source, message: '' }, receive))
})
