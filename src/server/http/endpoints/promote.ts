import { promote } from '../../../contract/pipelines.ts'
import { requestOperation } from '../../store/operations.ts'
import { deployOfRelease, type Promotion } from '../../store/promotions.ts'
import type { WriteTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { promotionsTo } from '../promotedTo.ts'
import { promotionView } from '../views/pipeline.ts'

export const route = handle(promote, (_, call) =>
  call.write('operations', async (tx) => {
    const { actor, body } = call
    const from = await authorizedApp(tx, call)
    const found = await promotionsTo(tx, { actor, action: 'app:deploy' }, from, body.to)
    call.subject.target = `app ${from.name} to ${found.map(({ to }) => to.name).join(', ')}`
    return await Array.fromAsync(found, async (one) => promotionView(one, await carryOut(tx, one, actor.name)))
  }),
)

/** What serves there already needs no release. */
async function carryOut(tx: WriteTx, { from, to, release, isSame, commits }: Promotion, author: string) {
  return isSame ? undefined : await requestOperation(tx, to, deployOfRelease(from, release, commits), author)
}
