import { rollback } from '../../../contract/releases.ts'
import { refuse } from '../../../model/refusal.ts'
import { releaseName } from '../../../model/release.ts'
import type { AppRow } from '../../store/access.ts'
import { requestOperation } from '../../store/operations.ts'
import { liveRelease, previousRelease, releaseByNumber } from '../../store/releases.ts'
import type { ReadTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(rollback, async (_, call) => {
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    const to = call.body.to === undefined ? await previous(tx, app) : await given(tx, app, call.body.to)
    return await requestOperation(tx, app, { kind: 'rollback', to }, call.actor.name)
  })
  return operationView(row)
})

async function previous(tx: ReadTx, app: AppRow): Promise<number> {
  if (!(await liveRelease(tx, app.id))) refuse('NOTHING_DEPLOYED', app.name)
  const release = await previousRelease(tx, app.id)
  return release?.number ?? refuse('STATE', app.name, 'roll back', 'at its first release', 'past that')
}

async function given(tx: ReadTx, app: AppRow, number: number): Promise<number> {
  const release = await releaseByNumber(tx, app.id, number)
  if (!release) return refuse('NOT_FOUND', 'release', releaseName(number))
  if (release.state === 'failed' || release.state === 'starting') {
    refuse('STATE', releaseName(number), 'roll back to', release.state, 'one that has served')
  }
  return number
}
