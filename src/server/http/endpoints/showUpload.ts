import { showUpload } from '../../../contract/uploads.ts'
import { handle } from '../handle.ts'
import { ownUpload } from '../ownUpload.ts'
import { uploadView } from '../uploadFile.ts'

export const route = handle(showUpload, async ({ store, settings }, call) =>
  uploadView(settings, await store.read((tx) => ownUpload(tx, call))),
)
