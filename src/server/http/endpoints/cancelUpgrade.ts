import { cancelUpgrade } from '../../../contract/stacks.ts'
import { refuse } from '../../../model/refusal.ts'
import { cancelUpgrade as cancel } from '../../store/upgrades.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { upgradeNow, wantedUpgrade } from '../wantedUpgrade.ts'

export const route = handle(cancelUpgrade, async (_, call) => {
  const { upgrade: id } = call.params
  onPlatform(call, `upgrade ${id}`)
  return await call.write('stacks', async (tx) => {
    const { state } = await wantedUpgrade(tx, id)
    if (state !== 'running') refuse('STATE', `upgrade ${id}`, 'cancel', state, 'running')
    await cancel(tx, id, call.actor.name)
    return await upgradeNow(tx, id)
  })
})
