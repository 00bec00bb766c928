import type { ReadTx } from '../store/store.ts'
import { type UploadRow, uploadOf } from '../store/uploads.ts'
import { authorizedApp } from './authorized.ts'
import type { Call } from './call.ts'

type OfUpload = Pick<Call, 'actor' | 'endpoint' | 'subject'> & {
  readonly params: { readonly app: string; readonly upload: string }
}

/** An upload is reached only through its app, by who has begun it. */
export async function ownUpload(tx: ReadTx, call: OfUpload): Promise<UploadRow> {
  const app = await authorizedApp(tx, call)
  return await uploadOf(tx, { id: call.params.upload, appId: app.id, userId: call.actor.id })
}
