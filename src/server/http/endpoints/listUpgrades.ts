import { listUpgrades } from '../../../contract/stacks.ts'
import { appsOfUpgrade, newestUpgrades } from '../../store/upgrades.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { upgradeView } from '../views/stack.ts'

export const route = handle(listUpgrades, async ({ store }, call) => {
  onPlatform(call)
  return await store.read(async (tx) => {
    const rows = await newestUpgrades(tx, call.query.limit)
    return await Promise.all(rows.map(async (row) => upgradeView(row, await appsOfUpgrade(tx, row.id))))
  })
})
