import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deploy } from '../../../contract/deploys.ts'
import { slots } from '../../../lib/slots.ts'
import { refuse } from '../../../model/refusal.ts'
import { newOperationId, requestOperation } from '../../store/operations.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { receiveSource } from '../upload.ts'
import { operationView } from '../views/operation.ts'

/** Each may fill the disk with as much as a source may have. */
const uploads = slots({ most: 16, each: 4 })

export const route = handle(deploy, async ({ store, settings }, call) => {
  await store.read((tx) => authorizedApp(tx, call))
  using _upload =
    uploads.take(call.actor.id) ?? refuse('UNAVAILABLE', 'the upload', 'too many run at once; try again in a moment')
  const id = newOperationId()
  const dir = join(settings.buildsDir, id)
  await receiveSource(call.request, dir)
  const { message, fresh } = call.query
  const source = { kind: 'upload', ...(fresh && { fresh }) } as const
  const input = { kind: 'deploy', source, commit: null, message } as const
  const queued = call.write('operations', async (tx) =>
    requestOperation(tx, await authorizedApp(tx, call), input, call.actor.name, id),
  )
  return operationView(
    await queued.catch((error) => rm(dir, { recursive: true, force: true }).then(() => rethrow(error))),
  )
})

function rethrow(error: unknown): never {
  throw error
}
