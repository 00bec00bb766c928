import type { Recipe } from '../../runtime/recipe.ts'
import { hasUpscale } from '../../runtime/upscale.ts'
import { fixedParts, stackOf } from '../../stack/images.ts'
import { stacksIn } from '../../stack/known.ts'
import { withOwnCaches } from './cacheMounts.ts'
import { contextTar } from './context.ts'
import { dockerContext } from './dockerContext.ts'
import { declaredArguments, withHostSettings } from './dockerfile.ts'
import { engineFetches, noEngineFetches } from './fetches.ts'
import { commandsOf, imageConfig } from './imageConfig.ts'
import { isPublished } from './variables.ts'
import type { Made, Work } from './work.ts'

const anyHost = async () => undefined

type OwnDockerfile = Extract<Recipe, { kind: 'dockerfile' }>

/** Builds a repository's own Dockerfile, whose RUN instructions also see the host's settings. */
export async function buildFromDockerfile(work: Work, { path, text }: OwnDockerfile): Promise<Made> {
  const { request, definition, source, facts, host, engine } = work
  const { target, args } = definition.build
  const ownNames = `${work.caches.own}/own`
  request.log(`-----> ${path} found`)
  const { text: dockerfile, notes } = withHostSettings(withOwnCaches(text, ownNames), host, work.markOf)
  const declared = variableArguments(work, declaredArguments(text))
  for (const note of notes) request.log(`       ${note}`)
  if (hasUpscale(definition, facts.files))
    request.log(` !     What Upscale's files want done is not: ${path} says it all`)
  for (const name of declared.refused) request.log(` !     ${noArgument(name)}`)
  const badFetch = await fetchesOf(work, text)
  const seen = await dockerContext(facts, path, definition.build, dockerfile)
  const image = await work.run({
    context: contextTar(source, seen.context),
    dockerfile: seen.dockerfile,
    title: (name) => titleOf(name.replaceAll(`${ownNames}/`, '')),
    forbids: (name) => othersImage(name, work) ?? badFetch(name),
    ...(target && { target }),
    args: { ...declared.args, ...args },
  })
  const { entrypoint, port } = await imageConfig(engine, image)
  return { image, ...commandsOf(definition, entrypoint), ...(port && { port }) }
}

const fetchesOf = async ({ settings: { addUrls = true, checkHost = anyHost } }: Work, text: string) =>
  addUrls ? await engineFetches(text, checkHost) : noEngineFetches(text)

/**
 * A build argument stays in the image's history for all to read. So only a variable that ends up in what browsers get
 * becomes one, where the Dockerfile has an ARG for it.
 */
function variableArguments({ env, request }: Work, names: readonly string[]) {
  const known = [...new Set(names)].filter((name) => Object.hasOwn(env, name))
  const isOpen = (name: string) => isPublished(name) && !request.variables[name]?.secret
  return {
    args: Object.fromEntries(known.filter(isOpen).map((name) => [name, env[name] ?? ''])),
    refused: known.filter((name) => !isOpen(name)),
  }
}

const noArgument = (name: string) =>
  `ARG ${name} stays empty, for build arguments can be read in the image. In the RUN that needs it: --mount=type=secret,id=${name}`

/** Images of this installation's apps are on the machine, so a Dockerfile could start from another team's. */
function othersImage(name: string, { settings, request }: Work): string | undefined {
  const image = /(?:load metadata for|FROM) docker\.io\/(\S+)/.exec(name)?.[1] ?? ''
  const [cluster, app] = image.split(/[/:@]/)
  const forAll = isStack(image.split('@')[0] ?? '', settings) || image.startsWith('berth/runtime/')
  const mayUse = forAll || cluster !== settings.cluster || app === request.app
  return mayUse ? undefined : `the Dockerfile uses ${image}, which is the image of another app`
}

/** An app of the cluster "berth" may be called "stack" too. */
function isStack(image: string, { stack, stacksDir }: Work['settings']): boolean {
  const name = stackOf(image)
  const isKnown = () => stacksIn(stacksDir).listed.some(({ value }) => value.name === name)
  return image === stack || fixedParts(image) !== undefined || (name !== undefined && isKnown())
}

/** BuildKit's name of a step, without what we put into it; its own housekeeping is not shown. */
function titleOf(name: string): string | undefined {
  const [, count, instruction = ''] = /^\[(?:.* )?(\d+\/\d+)\] (.*)$/.exec(name) ?? []
  if (!count) return undefined
  const plain = instruction.replace(/--mount=type=secret,id=berth-host-\S+ /g, '')
  return `[${count}] ${plain.length > 160 ? `${plain.slice(0, 160)}…` : plain}`
}
