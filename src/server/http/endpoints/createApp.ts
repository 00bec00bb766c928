import { createApp } from '../../../contract/apps.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import * as apps from '../../store/apps.ts'
import { setMetadataOfApp } from '../../store/metadata.ts'
import { setStackOfApp } from '../../store/stacks.ts'
import { appDetail } from '../appDetail.ts'
import { inTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { onlyTeam } from '../onlyTeam.ts'
import { warningsOfMetadata } from '../readMetadata.ts'
import { requireFile, wantedStack } from '../wantedStack.ts'

export const route = handle(createApp, async (ctx, call) => {
  const { stack } = call.body
  if (stack !== undefined) requireFile((await wantedStack(ctx, stack)).state)
  return await call.write(['apps', 'stacks'], async (tx) => {
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
    if (stack !== undefined) await setStackOfApp(tx, app.id, stack)
    return await appDetail(tx, ctx, { ...app, stack: stack ?? null })
  })
})
