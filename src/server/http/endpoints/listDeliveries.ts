import { listDeliveries } from '../../../contract/hooks.ts'
import { deliveriesOf } from '../../store/hooks.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { hookOfApp } from '../hookOfApp.ts'
import { deliveryView } from '../views/hook.ts'

export const route = handle(listDeliveries, ({ store }, call) =>
  store.read(async (tx) => {
    const hook = await hookOfApp(tx, await authorizedApp(tx, call), call.params.hook)
    return (await deliveriesOf(tx, hook.id, call.query.limit)).map(deliveryView)
  }),
)
