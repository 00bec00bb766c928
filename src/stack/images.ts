import type { Engine } from '../engine/engine.ts'

export const stackRepository = 'berth/stack'

/** The image that builds start from; the name moves on when the stack is made anew. */
export const stackImage = (name: string) => `${stackRepository}:${name}`

/** The name of one image of a stack, which never moves on. */
export const fixedImage = (name: string, id: string) => `${stackImage(name)}.${shortId(id)}`

export const shortId = (id: string) => id.replace(/^sha256:/, '').slice(0, 12)

/** The stack that an image is of, if it is called like one. */
export const stackOf = (image: string) => /^berth\/stack:([a-z][a-z0-9-]{0,30})$/.exec(image)?.[1]

/** The stack and the id of an image that is called by its fixed name. */
export function fixedParts(tag: string): { readonly stack: string; readonly id: string } | undefined {
  const [, stack, id] = /^berth\/stack:([a-z][a-z0-9-]{0,30})\.([0-9a-f]{12})$/.exec(tag) ?? []
  return stack && id ? { stack, id } : undefined
}

/** Its fixed name first: whoever finds an image by the name that moves finds that one too. */
export async function nameStack(engine: Engine, name: string, id: string): Promise<void> {
  const before = await engine.images.inspect(stackImage(name))
  if (before) await nameFixed(engine, name, before.id)
  await nameFixed(engine, name, id)
  await engine.packages.tag(id, stackRepository, name)
}

export const nameFixed = (engine: Engine, name: string, id: string) =>
  engine.packages.tag(id, stackRepository, `${name}.${shortId(id)}`)
