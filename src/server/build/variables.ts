import { randomBytes } from 'node:crypto'
import { redactor } from '../../lib/redact.ts'
import type { Definition } from '../../model/definition/declared.ts'
import { reachesBuild, type Scope, type Variables, withScope } from '../../model/variables.ts'

type Env = Readonly<Record<string, string>>

/** Whether the build sees a variable, by what the app's definition says of it. */
const named = ({ build, scopes = {} }: Definition, name: string) =>
  (build.env ?? []).includes(name) || reachesBuild(scopes[name] ?? 'run')

/** What the build sees: what was set for builds, what the definition names, and its own values for those. */
export function buildEnvironment(variables: Variables, definition: Definition): Env {
  const proposed = Object.entries(definition.env).filter(([name]) => named(definition, name))
  const set = Object.entries(variables).flatMap(([name, { value, scope }]) =>
    reachesBuild(scope) || named(definition, name) ? [[name, value] as const] : [],
  )
  return Object.fromEntries([...proposed, ...set])
}

/** The definition's values for containers. */
export const runEnvironment = ({ env, scopes = {} }: Definition): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => scopes[name] !== 'build'))

/**
 * Made before the build, so that the first one sees what all later ones see. What a runtime asks for, such as the key
 * that Rails wants when it compiles assets, is for builds too; what the definition asks for is as it says.
 */
export function generate(definition: Definition, ofRuntime: readonly string[], set: Variables): Variables {
  const { env, generated, required, scopes = {} } = definition
  const unsaid = ofRuntime.filter((name) => !Object.hasOwn(env, name) && !required.includes(name))
  const scopeOf = (name: string): Scope => scopes[name] ?? (unsaid.includes(name) ? 'both' : 'run')
  const names = [...new Set([...generated, ...unsaid])]
  const fresh = Object.fromEntries(names.map((name) => [name, randomBytes(32).toString('hex')]))
  const all = Object.entries(withScope(fresh, scopeOf))
  return Object.fromEntries(all.map(([name, made]) => [name, set[name] ?? { ...made, secret: true }]))
}

/** Takes all values of the app out of what its build prints, those that the build does not see too. */
export const hiding = (variables: Variables) =>
  redactor(Object.entries(variables).map(([name, { value, secret = false }]) => ({ name, value, marked: secret })))

/** Variables of these names are put into what browsers get, at build time; nothing else reads them. */
const published =
  /^(?:NEXT_PUBLIC|VITE|REACT_APP|VUE_APP|EXPO_PUBLIC|GATSBY|NG_APP|PUBLIC|STORYBOOK|DOCUSAURUS|ELEVENTY)_[A-Z0-9_]+$/

export const isPublished = (name: string) => published.test(name)

/** What the one who deploys should know of variables before the build goes without them. */
export function variableWarnings(definition: Definition, variables: Variables, env: Env): string[] {
  const isSet = (name: string) => Object.hasOwn(variables, name) || Object.hasOwn(definition.env, name)
  const required = definition.required.filter((name) => !Object.hasOwn(variables, name))
  const unset = (definition.build.env ?? []).filter((name) => !isSet(name) && !definition.generated.includes(name))
  const useless = Object.keys(variables).filter((name) => isPublished(name) && !Object.hasOwn(env, name))
  return [
    ...required.map((name) => `${name} is required by the app's definition and not set: berth env set ${name}=…`),
    ...unset.map((name) => `build.env names ${name}, which is not set: berth env set ${name}=…`),
    ...useless.map(
      (name) => `${name} is read while building, and is set for the run only: berth env scope both ${name}`,
    ),
  ]
}

/** Variables that a failing build speaks of and does not see. */
export function missedBy(said: readonly string[], variables: Variables, env: Env): string[] {
  const words = new Set(said.flatMap((line) => line.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []))
  return Object.keys(variables).filter((name) => !Object.hasOwn(env, name) && words.has(name))
}
