import { showRelease } from '../../../contract/releases.ts'
import { refuse } from '../../../model/refusal.ts'
import { releaseName } from '../../../model/release.ts'
import { releaseByNumber } from '../../store/releases.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { releaseDetail } from '../views/release.ts'

export const route = handle(showRelease, async ({ store }, call) => {
  const { number } = call.params
  const row = await store.read(async (tx) => releaseByNumber(tx, (await authorizedApp(tx, call)).id, number))
  return row ? releaseDetail(row, store.cipher) : refuse('NOT_FOUND', 'release', releaseName(number))
})
