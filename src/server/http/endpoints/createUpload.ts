import { createUpload } from '../../../contract/uploads.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import { now, randomId } from '../../store/ids.ts'
import { addUpload, uploadsOfUser } from '../../store/uploads.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { makeUploadFile, uploadView } from '../uploadFile.ts'

export const route = handle(createUpload, async ({ settings }, call) => {
  const row = await call.write([], async (tx) => {
    const app = await authorizedApp(tx, call)
    const known = await uploadsOfUser(tx, call.actor.id)
    refuseMore('unfinished uploads of yours', known.length, most.uploadsOfUser)
    const row = { id: randomId(20), app_id: app.id, user_id: call.actor.id, ...call.body, created_at: now() }
    await addUpload(tx, row)
    return row
  })
  await makeUploadFile(settings, row)
  return await uploadView(settings, row)
})
