import { continueUpload } from '../../../contract/uploads.ts'
import { handle } from '../handle.ts'
import { ownUpload } from '../ownUpload.ts'
import { takeSlot } from '../uploaded.ts'
import { appendTo, uploadView } from '../uploadFile.ts'

export const route = handle(continueUpload, async ({ store, settings }, call) => {
  const row = await store.read((tx) => ownUpload(tx, call))
  using _slot = takeSlot(call)
  await appendTo(settings, row, call.query.offset, call.request)
  return await uploadView(settings, row)
})
