import { showUpgrade } from '../../../contract/stacks.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { upgradeNow } from '../wantedUpgrade.ts'

export const route = handle(showUpgrade, async ({ store }, call) => {
  onPlatform(call)
  return await store.read((tx) => upgradeNow(tx, call.params.upgrade))
})
