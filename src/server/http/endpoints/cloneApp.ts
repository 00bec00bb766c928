import { cloneApp } from '../../../contract/pipelines.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import { type AppRow, authorizeTeam, type TeamRow } from '../../store/access.ts'
import * as apps from '../../store/apps.ts'
import { copyConfiguration, servingImage } from '../../store/clone.ts'
import { requestOperation } from '../../store/operations.ts'
import { deployOfRelease } from '../../store/promotions.ts'
import type { ReadTx, WriteTx } from '../../store/store.ts'
import { appDetail } from '../appDetail.ts'
import { authorizedApp } from '../authorized.ts'
import type { Call } from '../call.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(cloneApp, (ctx, call) =>
  call.write(['apps', 'operations'], async (tx) => {
    const from = await authorizedApp(tx, call)
    const team = await teamFor(tx, call, from)
    const { name, env } = call.body
    call.subject.target = `app ${from.name} as ${name}`
    const app = await apps.createApp(tx, name, team.id)
    await copyConfiguration(tx, from, app, env ? 'all variables' : 'no variables')
    const operation = await released(tx, from, app, call.actor.name)
    return { app: await appDetail(tx, ctx, app), operation: operation ? operationView(operation) : null }
  }),
)

async function teamFor(tx: ReadTx, { actor, body }: Call<typeof cloneApp>, from: AppRow): Promise<TeamRow> {
  const own = tx.selectFrom('teams').select('name').where('id', '=', from.team_id)
  const name = body.team ?? (await own.executeTakeFirstOrThrow()).name
  const team = await authorizeTeam(tx, actor, 'app:create', name)
  refuseMore(`apps of ${team.name}`, await apps.countApps(tx, team.id), most.appsOfTeam)
  return team
}

/** Where something serves already. */
async function released(tx: WriteTx, from: AppRow, app: AppRow, author: string) {
  const release = await servingImage(tx, from)
  return release && (await requestOperation(tx, app, deployOfRelease(from, release, []), author))
}
