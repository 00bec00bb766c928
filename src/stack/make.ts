import { mkdir, rm } from 'node:fs/promises'
import { bootstrap, imageBase } from './base.ts'
import { changed } from './changed.ts'
import { fixedImage, nameStack } from './images.ts'
import type { Making } from './making.ts'
import type { Stack } from './schema.ts'

/** From a stack's file to an image that has its name. Until then the one before has it. Gives the image's id. */
export async function makeStack(stack: Stack, making: Making): Promise<string> {
  await rm(making.scratch, { recursive: true, force: true })
  await mkdir(making.scratch, { recursive: true, mode: 0o700 })
  try {
    const id = await imageOf(stack, making)
    await nameStack(making.engine, stack.name, id)
    making.say(`-----> Stack ${stack.name} is ${fixedImage(stack.name, id)}`)
    return id
  } finally {
    await rm(making.scratch, { recursive: true, force: true })
  }
}

async function imageOf(stack: Stack, making: Making): Promise<string> {
  const { base, packages, without, commands } = stack
  if (!('suite' in base)) return await changed(await imageBase(base, making), stack, packages, making)
  const made = await bootstrap(base, packages, making)
  return commands.length + without.length === 0 ? made : await changed(made, stack, [], making)
}
