import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Endpoint } from '../../contract/endpoint.ts'
import { slots } from '../../lib/slots.ts'
import { refuse } from '../../model/refusal.ts'
import type { Source } from '../../model/source.ts'
import type { OperationRow } from '../store/access.ts'
import { newOperationId, requestOperation } from '../store/operations.ts'
import { authorizedApp } from './authorized.ts'
import type { Call } from './call.ts'
import type { ApiContext } from './context.ts'

/** Each may fill the disk with as much as a source may have. */
const uploads = slots({ most: 16, each: 4 })

/** One that ends with the call. */
export const takeSlot = (call: Pick<Call, 'actor'>): Disposable =>
  uploads.take(call.actor.id) ?? refuse('UNAVAILABLE', 'the upload', 'too many run at once; try again in a moment')

type Uploaded = { readonly source: Source; readonly message: string }
type OfApp = Pick<Call<Endpoint>, 'actor' | 'endpoint' | 'subject' | 'write'> & {
  readonly params: { readonly app: string }
}

/** Brings the files into the folder of a deploy, then queues it; nothing stays of one that could not be queued. */
export async function deployUploaded(
  { settings }: Pick<ApiContext, 'settings'>,
  call: OfApp,
  { source, message }: Uploaded,
  receive: (dir: string) => Promise<void>,
): Promise<OperationRow> {
  const id = newOperationId()
  const dir = join(settings.buildsDir, id)
  await receive(dir)
  const input = { kind: 'deploy', source, commit: null, message } as const
  try {
    return await call.write('operations', async (tx) =>
      requestOperation(tx, await authorizedApp(tx, call), input, call.actor.name, id),
    )
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}
