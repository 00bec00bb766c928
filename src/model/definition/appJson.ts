import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { envName, processName } from '../names.ts'
import type { Scale } from '../release.ts'
import { shellCommand } from './command.ts'
import type { Definition } from './declared.ts'
import type { Place } from './place.ts'
import { checked, fail, flag, jsonRoot, list, pairs, plain, type Read, text, whole } from './read.ts'

/** Memory of Heroku's dyno sizes. */
const sizes: Record<string, number> = {
  eco: 512,
  basic: 512,
  'standard-1x': 512,
  'standard-2x': 1024,
  'performance-m': 2560,
  'performance-l': 14_336,
}

type Member = { readonly key: Node; readonly value: Node }
type Keys = Readonly<Record<string, Member>>
type Draft = {
  env: Record<string, string>
  generated: string[]
  required: string[]
  scale: Record<string, Partial<Scale>>
}

/** Heroku's app.json (with Dokku's healthchecks): env, formation, healthchecks, scripts. Its other keys describe, and are left alone. */
export function readAppJson(place: Place, environment?: string): Partial<Definition> {
  const root = jsonRoot(place)
  if (!root) return {}
  const keys = members(place, root)
  const own = keysFor(place, keys, environment)
  const draft: Draft = { env: {}, generated: [], required: [], scale: {} }
  for (const some of [keys, own]) readInto(place, some, draft)
  const overrides: string[] = []
  each(place, own.env, envName, (name) => overrides.push(name))
  const { healthchecks } = { ...keys, ...own }
  const health = healthchecks && healthOf(place, healthchecks.value)
  warnAbout(place, keys)
  return {
    ...draft,
    ...(overrides.length > 0 && { overrides }),
    ...(health && { health }),
    ...commandsOf(place, keys),
    ...commandsOf(place, own),
  }
}

/** What stands for a file's name where the definition is read for an environment of app.json, such as `review`. */
export const ownEnvironment = "the app's environment"

/** What app.json says of one environment; it goes before what it says of all. */
function keysFor(place: Place, keys: Keys, environment: string | undefined): Keys {
  const found = environment && keys.environments ? members(place, keys.environments.value)[environment] : undefined
  return found ? members(place, found.value) : {}
}

function readInto(place: Place, keys: Keys, draft: Draft): void {
  each(place, keys.env, envName, (name, value) => {
    forget(draft, name)
    variable(place, name, value, draft)
  })
  each(place, keys.formation, processName, (name, value) => {
    draft.scale[name] = { ...draft.scale[name], ...formation(place, value) }
  })
}

function forget(draft: Draft, name: string): void {
  delete draft.env[name]
  draft.generated = draft.generated.filter((known) => known !== name)
  draft.required = draft.required.filter((known) => known !== name)
}

const commandsOf = (place: Place, { scripts: member }: Keys): Commands => (member ? scripts(place, member.value) : {})

function members(place: Place, node: Node): Record<string, Member> {
  return Object.fromEntries(pairs(place, node).map(([name, key, value]) => [name, { key, value }]))
}

function each(
  place: Place,
  member: Member | undefined,
  check: (raw: string) => string,
  visit: (name: string, value: Node) => void,
) {
  if (!member) return
  for (const [raw, key, value] of pairs(place, member.value)) {
    visit(
      checked(place, key, () => check(raw)),
      value,
    )
  }
}

function variable(place: Place, name: string, node: Node, draft: Draft): void {
  if (!isMap(node)) {
    draft.env[name] = plain(place, node)
    return
  }
  const { value, generator, required } = members(place, node)
  if (generator) draft.generated.push(secret(place, generator.value, name))
  else if (value) draft.env[name] = plain(place, value.value)
  else if (!required || flag(place, required.value)) draft.required.push(name)
}

const secret = (place: Place, node: Node, name: string) =>
  text(place, node) === 'secret' ? name : fail(place, node, 'must be "secret", the only generator there is')

function formation(place: Place, node: Node): Partial<Scale> {
  const { quantity, size } = members(place, node)
  const memoryMb = size && sizes[text(place, size.value).toLowerCase()]
  if (size && !memoryMb) place.warn(`the size ${JSON.stringify(text(place, size.value))} is unknown and was left out`)
  return {
    ...(quantity && { count: whole(0, 1_000)(place, quantity.value) }),
    ...(memoryMb && { memoryMb }),
  }
}

const seconds: Read<number> = (place, node) => whole(0, 3_600)(place, node) * 1_000

/** The first check of `web` that asks for a path; Dokku's `attempts` and `wait` become the deadline. */
function healthOf(place: Place, node: Node): Definition['health'] {
  const web = members(place, node).web
  if (!web) return undefined
  if (!isSeq(web.value)) return fail(place, web.value, 'must be a list')
  const checks = list((at, entry) => ({ ...members(at, entry) }))(place, web.value)
  const check = checks.find((entry) => entry.path) ?? {}
  const { path, timeout, attempts, wait } = check
  return {
    ...(path && { path: pathOf(place, path.value), declared: true }),
    ...(timeout && { timeoutMs: seconds(place, timeout.value) }),
    ...(attempts && wait && { deadlineMs: whole(1, 1_000)(place, attempts.value) * seconds(place, wait.value) }),
  }
}

const pathOf: Read<string> = (place, node) => {
  const value = text(place, node)
  return /^\/[\x21-\x7e]{0,1000}$/.test(value) ? value : fail(place, node, 'must be a path that starts with /')
}

type Commands = Pick<Definition, 'releaseCommand' | 'postdeployCommand' | 'firstDeployCommand'>

/** Heroku's `postdeploy` is for the first deploy of an app, Dokku's for each. */
function scripts(place: Place, node: Node): Commands {
  const { release, postdeploy, dokku: own } = members(place, node)
  const dokku = own ? members(place, own.value) : {}
  const command = (member: Member) => shellCommand(text(place, member.value))
  const before = release ?? dokku.predeploy
  return {
    ...(before && { releaseCommand: command(before) }),
    ...(dokku.postdeploy && { postdeployCommand: command(dokku.postdeploy) }),
    ...(postdeploy && { firstDeployCommand: command(postdeploy) }),
  }
}

function warnAbout(place: Place, keys: Record<string, Member>): void {
  const used = (name: string) => {
    const value = keys[name]?.value
    return value && !isScalar(value) && (isSeq(value) || isMap(value)) && value.items.length > 0
  }
  if (used('buildpacks'))
    place.warn('buildpacks are not used; the runtime is found by its files (or say build.runtime in berth.yaml)')
  if (used('addons')) place.warn('addons are not created')
  if (used('cron')) place.warn('cron entries are not run')
}
