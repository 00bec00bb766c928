import { changeScale } from '../../../contract/scale.ts'
import type { Scale } from '../../../model/release.ts'
import { scaleFor } from '../../../model/release.ts'
import type { AppRow, OperationRow } from '../../store/access.ts'
import { scalesOf, setScale } from '../../store/apps.ts'
import { requestOperation } from '../../store/operations.ts'
import { liveRelease } from '../../store/releases.ts'
import type { WriteTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { knownProcesses } from '../knownProcesses.ts'
import { hasRelease, wantedScales } from '../released.ts'
import { operationView } from '../views/operation.ts'

type Changes = Readonly<Record<string, Partial<Scale>>>

export const route = handle(changeScale, async (_, call) => {
  const changes = given(call.body)
  return await call.write(['operations', 'apps'], async (tx) => {
    const app = await authorizedApp(tx, call)
    const row = await change(tx, app, changes, call.actor.name)
    const scale = (await wantedScales(tx, app)).map((one) => ({ ...one, ...changes[one.process] }))
    return { scale, operation: row ? operationView(row) : null }
  })
})

/** Without the keys that were not given. */
const given = (body: Record<string, { [K in keyof Scale]?: number | undefined }>): Changes =>
  Object.fromEntries(
    Object.entries(body).map(([process, change]) => [
      process,
      Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
    ]),
  )

async function change(tx: WriteTx, app: AppRow, scales: Changes, author: string): Promise<OperationRow | undefined> {
  if (await liveRelease(tx, app.id)) await knownProcesses(tx, app, 'process', Object.keys(scales))
  if (await hasRelease(tx, app)) return await requestOperation(tx, app, { kind: 'scale', scales }, author)
  const wanted = await scalesOf(tx, app.id)
  for (const [process, part] of Object.entries(scales)) {
    await setScale(tx, app.id, process, { ...scaleFor(process, wanted, {}), ...part })
  }
  return undefined
}
