import { randomBytes } from 'node:crypto'
import type { Engine } from '../../engine/engine.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, releaseName } from '../../model/release.ts'
import type { Variables } from '../../model/variables.ts'
import { buildByNumber, builtOf } from '../store/builds.ts'
import { formationOf, type ReleaseRow, releaseByNumber } from '../store/releases.ts'
import type { ReadTx, Store } from '../store/store.ts'
import type { Fetcher } from './fetch.ts'

type Parts = {
  readonly store: Store
  readonly engine: Engine
  readonly cluster: string
  readonly bringImage: (image: string, signal: AbortSignal, say: (line: string) => unknown) => Promise<boolean>
}

/** The image of another app's release under a name of this app: it stays for as long as either of them wants it. */
export const releaseFetcher =
  ({ store, engine, cluster, bringImage }: Parts): Fetcher<'release'> =>
  async ({ app, appId, number }, order) => {
    const name = `${releaseName(number)} of ${app}`
    const built = await store.read(async (tx) => {
      const release = await releaseByNumber(tx, appId, number)
      return release ? await builtOfRelease(tx, store, release) : refuse('NOT_FOUND', 'release', name)
    })
    order.log(`-----> Taking the image of ${name}`)
    if (!(await bringImage(built.image, order.signal, order.log))) refuse('IMAGE_GONE', name)
    await engine.packages.tag(built.image, `${cluster}/${order.app}`, order.id)
    order.log(`       ${built.image}`)
    return { built }
  }

async function builtOfRelease(tx: ReadTx, { cipher }: Store, release: ReleaseRow): Promise<Built> {
  const { app_id, build_number, image } = release
  const build = build_number === null ? undefined : await buildByNumber(tx, app_id, build_number)
  const made = build?.built ? builtOf(cipher, build) : { recipe: 'image', generated: {}, required: [] }
  return { ...made, image, formation: formationOf(release), overrides: [], generated: ownValues(made.generated) }
}

/** What was made up for one app is not the other one's. */
const ownValues = (generated: Variables): Variables =>
  Object.fromEntries(
    Object.entries(generated).map(([name, variable]) => [
      name,
      { ...variable, value: randomBytes(32).toString('hex') },
    ]),
  )
