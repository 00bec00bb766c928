import type { Engine } from '../../engine/engine.ts'
import { stackImage, stackOf } from '../../stack/images.ts'
import { type KnownStacks, stacksIn } from '../../stack/known.ts'
import type { StackState } from '../../stack/state.ts'
import { stackRows } from '../store/stacks.ts'
import type { Store } from '../store/store.ts'

/** What is needed to see how the stacks are. */
export type StackPlace = {
  readonly store: Store
  readonly engine: Engine
  /** Image of those who name no stack. */
  readonly defaultImage: string
  readonly stacksDir: string
}

/** Of every stack that there is a file of, and of the default. */
export async function stackStates({ store, engine, defaultImage, stacksDir }: StackPlace): Promise<StackState[]> {
  const known = stacksIn(stacksDir)
  const rows = await store.read(stackRows)
  return await Promise.all(
    namesOf(known, defaultImage).map(async (name) => {
      const file = known.listed.find(({ value }) => value.name === name)
      const broken = known.broken.find((one) => one.name === name)
      const image = await engine.images.inspect(imageOf(name))
      const progress = rows.get(name)
      const isDefault = imageOf(name) === defaultImage
      return {
        name,
        isDefault,
        ...(file && { file }),
        ...(broken && { broken }),
        ...(image && { image }),
        ...(progress && { progress }),
      }
    }),
  )
}

function namesOf({ listed, broken }: KnownStacks, defaultImage: string): string[] {
  const names = [...listed.map(({ value }) => value.name), ...broken.map(({ name }) => name)]
  return [...new Set([...names, stackOf(defaultImage) ?? defaultImage])].toSorted()
}

/** What is no name of a stack is an image. */
const imageOf = (name: string) => (/[:/]/.test(name) ? name : stackImage(name))
