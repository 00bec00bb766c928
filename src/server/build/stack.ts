import type { Engine } from '../../engine/engine.ts'
import { labels } from '../../model/instance.ts'
import { refuse } from '../../model/refusal.ts'
import { fixedImage, nameFixed, stackImage, stackOf } from '../../stack/images.ts'
import { type KnownStacks, knownStack, stacksIn } from '../../stack/known.ts'
import type { BuildSettings } from './request.ts'

/** What a build starts from. */
export type ChosenStack = {
  /** Of its file; of the operator's own default, the image's. */
  readonly name: string
  /** A name of exactly this image, which stays when the stack is made anew. */
  readonly image: string
  readonly id: string
  /** Text for /bin/sh that installs its arguments. */
  readonly install?: string
}

type Wanted = { readonly ofApp: string | undefined; readonly ofDefinition: string | undefined }

/** As set for the app, else as its repository says, else the operator's default. */
export async function chooseStack(engine: Engine, settings: BuildSettings, wanted: Wanted): Promise<ChosenStack> {
  const known = stacksIn(settings.stacksDir)
  const { ofApp, ofDefinition } = wanted
  if (ofApp !== undefined) return await named(engine, knownStack(ofApp, known, 'the stack of the app'))
  if (ofDefinition !== undefined)
    return await named(engine, knownStack(ofDefinition, known, 'build.stack in berth.yaml'))
  return await byDefault(engine, settings.stack, known)
}

async function byDefault(engine: Engine, image: string, known: KnownStacks): Promise<ChosenStack> {
  const name = stackOf(image)
  if (name && known.listed.some(({ value }) => value.name === name)) return await named(engine, knownStack(name, known))
  const id = await idOf(engine, image, `the base image ${image}`, '"./berth up" makes it')
  return { name: name ?? image, image, id }
}

type Known = { readonly name: string; readonly install: string }

async function named(engine: Engine, { name, install }: Known): Promise<ChosenStack> {
  const id = await idOf(
    engine,
    stackImage(name),
    `the stack ${name}`,
    `an operator makes it with: berth stack build ${name}`,
  )
  await nameFixed(engine, name, id)
  return { name, image: fixedImage(name, id), id, install }
}

async function idOf(engine: Engine, image: string, what: string, wayOut: string): Promise<string> {
  const found = await engine.registry.describe(image)
  return found?.id ?? refuse('UNAVAILABLE', what, `it is not on this machine; ${wayOut}`)
}

/** Tells of an image what it was made on, for whoever removes old stacks. */
export const stackLabel = ({ name, id }: Pick<ChosenStack, 'name' | 'id'>) => ({ [labels.stack]: `${name} ${id}` })
