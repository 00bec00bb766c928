import { packageStorage } from '../../../contract/packages.ts'
import { packageCounts } from '../../store/packageRows.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(packageStorage, async ({ store, packages }, call) => {
  onPlatform(call)
  return { ...(await packages.look()), ...(await store.read(packageCounts)) }
})
