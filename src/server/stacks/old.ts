import type { Engine } from '../../engine/engine.ts'
import { log } from '../../lib/log.ts'
import { labels } from '../../model/instance.ts'
import { fixedParts, stackImage, stackRepository } from '../../stack/images.ts'
import { openOperations } from '../store/operations.ts'
import { stacksInUse } from '../store/stacks.ts'
import type { Store } from '../store/store.ts'

type Parts = { readonly store: Store; readonly engine: Engine }
type Old = { readonly tag: string; readonly name: string; readonly id: string }

type Bounds = { readonly graceMs: number; readonly which: (stack: string) => boolean }

/** A build that has begun on the image before may still be at its first step. */
const usual: Bounds = { graceMs: 60 * 60 * 1000, which: () => true }

/** Images of stacks that have been made anew since go when nothing is kept that was made on them, here or by others. */
export async function removeOldStacks({ store, engine }: Parts, bounds: Bounds = usual): Promise<void> {
  const old = await superseded(engine, bounds)
  if (old.length === 0) return
  const { used, busy } = await store.read(async (tx) => ({
    used: await stacksInUse(tx),
    busy: (await openOperations(tx)).some(({ kind }) => kind === 'deploy'),
  }))
  if (busy) return
  for (const one of old.filter(({ id }) => !used.has(id))) await remove(engine, one)
}

async function superseded(engine: Engine, { graceMs, which }: Bounds): Promise<Old[]> {
  const images = await engine.images.named(stackRepository)
  const named = images.flatMap(({ id, tags }) =>
    tags.flatMap((tag) => {
      const stack = fixedParts(tag)?.stack
      return stack && which(stack) ? [{ tag, id, name: stack }] : []
    }),
  )
  const newest = new Map<string, Awaited<ReturnType<Engine['images']['inspect']>>>()
  for (const { name } of named) if (!newest.has(name)) newest.set(name, await engine.images.inspect(stackImage(name)))
  return named.filter(({ name, id }) => {
    const now = newest.get(name)
    return now && now.id !== id && Date.now() - Date.parse(now.createdAt) > graceMs
  })
}

async function remove(engine: Engine, { tag, name, id }: Old): Promise<void> {
  const madeOnIt = await engine.images.list(`${labels.stack}=${name} ${id}`)
  const ofRuntimes = await engine.images.list(`${labels.stack}=${name} ${id}`, 'berth.runtime')
  const shared = ofRuntimes.flatMap(({ tags }) => tags).filter((one) => one.startsWith('berth/runtime/'))
  if (madeOnIt.some(({ tags }) => tags.some((one) => !shared.includes(one)))) return
  for (const one of [...shared, tag]) {
    if (await engine.images.remove(one))
      log.info({ image: one }, 'old stack removed: nothing that is kept was made on it')
  }
}
