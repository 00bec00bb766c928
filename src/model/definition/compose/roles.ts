import type { BuildDefinition } from '../declared.ts'
import { failAt } from '../place.ts'
import { fail } from '../read.ts'
import type { Outline } from './service.ts'
import { type Composed, warn } from './values.ts'

export type Roles = {
  readonly build: BuildDefinition
  /** Which of the services is routed. */
  readonly web: Outline | undefined
  /** All services of that build. */
  readonly services: readonly Outline[]
}

/** Services that have a build, or the image of one that has. */
export function buildable(outlines: readonly Outline[]): Outline[] {
  const builds = new Map(outlines.flatMap(({ image, build }) => (image && build ? [[image, build] as const] : [])))
  return outlines.flatMap((outline) => {
    const build = outline.build ?? (outline.image === undefined ? undefined : builds.get(outline.image))
    if (!build) return []
    return [Object.assign(outline, { build })]
  })
}

/** `web` is the one that is called so, else the only one that listens; the app is what is built like it. */
export function chosenWeb(composed: Composed, built: readonly Outline[], named?: string): Roles {
  const web = named === undefined ? webOf(composed, built) : byName(composed, built, named)
  const build = (web ?? built[0])?.build ?? failAt(composed.place, 0, 'no service has "build"')
  const services = built.filter((outline) => outline.build && same(outline.build, build))
  for (const { name, key } of built.filter((outline) => !services.includes(outline))) {
    warn(
      composed,
      key,
      `the service "${name}" is not run: it is built otherwise than ${nameOf(web)}; make it an app of its own`,
    )
  }
  return { build, web, services }
}

const nameOf = (web: Outline | undefined) => (web ? `"${web.name}"` : 'the first one')

function byName(composed: Composed, built: readonly Outline[], named: string): Outline {
  const names = built.map(({ name }) => name).join(', ')
  return (
    built.find(({ name }) => name === named) ??
    failAt(composed.place, 0, `has no service "${named}" with a "build", which berth.yaml names; it has ${names}`)
  )
}

function webOf(composed: Composed, built: readonly Outline[]): Outline | undefined {
  const called = built.find(({ name }) => name === 'web')
  if (called || built.length === 1) return called ?? built[0]
  const [first, second] = built.filter(({ listens }) => listens)
  if (first && second) {
    fail(
      composed.place,
      second.key,
      `"${first.name}" and "${second.name}" both have ports: call one of them "web", or name it in build.service of berth.yaml`,
    )
  }
  if (!first) composed.place.warn('no service has ports or is called "web", so nothing of it answers requests')
  return first
}

const same = (a: BuildDefinition, b: BuildDefinition) => keyOf(a) === keyOf(b)

const keyOf = ({ context, dockerfile, inline, target, args = {} }: BuildDefinition) =>
  JSON.stringify([context, inline ?? dockerfile, target, Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1))])
