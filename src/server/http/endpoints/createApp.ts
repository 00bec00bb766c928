import { createApp } from '../../../contract/apps.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import * as apps from '../../store/apps.ts'
import { setMetadataOfApp } from '../../store/metadata.ts'
import { appDetail } from '../appDetail.ts'
import { inTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { onlyTeam } from '../onlyTeam.ts'
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
