import { createApp } from '../../../contract/apps.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import type { Actor } from '../../../model/policy.ts'
import { refuse } from '../../../model/refusal.ts'
import * as apps from '../../store/apps.ts'
import { setMetadataOfApp } from '../../store/metadata.ts'
import type { ReadTx } from '../../store/store.ts'
import { teamsSeenBy } from '../../store/teams.ts'
import { appDetail } from '../appDetail.ts'
import { inTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { warningsOfMetadata } from '../readMetadata.ts'

export const route = handle(createApp, (ctx, call) =>
  call.write('apps', async (tx) => {
    const { name } = call.body
    const team = await inTeam(tx, call, call.body.team ?? (await onlyTeam(tx, call.actor)))
    call.subject.target = `app ${name}`
    refuseMore(`apps of ${team.name}`, await apps.countApps(tx, team.id), most.appsOfTeam)
    const app = await apps.createApp(tx, name, team.id)
    const { metadata } = call.body
    if (metadata !== undefined) {
      warningsOfMetadata(ctx, metadata)
      await setMetadataOfApp(tx, ctx.store.cipher, app.id, metadata)
    }
    return await appDetail(tx, ctx, app)
  }),
)

async function onlyTeam(tx: ReadTx, actor: Actor): Promise<string> {
  const seen = await teamsSeenBy(tx, actor)
  const own = seen.filter(({ id }) => actor.teams[id] !== undefined)
  const [only, second] = own.length > 0 ? own : seen
  if (only && !second) return only.name
  return refuse(
    'INVALID',
    'team',
    only ? `name one of ${seen.map(({ name }) => name).join(', ')}` : 'you are in no team',
  )
}
