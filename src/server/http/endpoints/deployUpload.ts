import { deployUpload } from '../../../contract/uploads.ts'
import { removeUpload } from '../../store/uploads.ts'
import { handle } from '../handle.ts'
import { ownUpload } from '../ownUpload.ts'
import { forImage, forSource, keepTar } from '../upload.ts'
import { deployUploaded, takeSlot } from '../uploaded.ts'
import { removeUploadFile, uploadView, wholeUpload } from '../uploadFile.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(deployUpload, async (ctx, call) => {
  const { store, settings } = ctx
  const row = await store.read((tx) => ownUpload(tx, call))
  using _slot = takeSlot(call)
  const { message, image, fresh } = call.body
  const source = image
    ? ({ kind: 'image', image: 'an uploaded image', uploaded: true } as const)
    : ({ kind: 'upload', ...(fresh && { fresh }) } as const)
  const { type } = await uploadView(settings, row)
  const input = await wholeUpload(settings, row)
  const limits = { ...(image ? forImage : forSource), reserve: settings.reserve }
  const receive = (dir: string) => keepTar(input, type, dir, limits)
  const operation = await deployUploaded(ctx, call, { source, message }, receive)
  await store.write([], (tx) => removeUpload(tx, row.id))
  await removeUploadFile(settings, row)
  return operationView(operation)
})
