import { refuse } from './refusal.ts'

/** Who sees a variable: what runs (the default), the build that makes the image, or both. */
export const scopes = ['run', 'build', 'both'] as const
export type Scope = (typeof scopes)[number]

export const scopeOf = (raw: string): Scope =>
  scopes.find((scope) => scope === raw) ?? refuse('INVALID', 'scope', `must be one of ${scopes.join(', ')}`)

export type Variable = {
  readonly value: string
  readonly scope: Scope
  /** Written only: nobody reads it again. */
  readonly secret?: boolean
}
export type Variables = Readonly<Record<string, Variable>>

type Env = Readonly<Record<string, string>>

export const reachesRun = (scope: Scope) => scope !== 'build'
export const reachesBuild = (scope: Scope) => scope !== 'run'

/** Values of the variables whose scope passes. */
const valuesOf = (variables: Variables, passes: (scope: Scope) => boolean): Env =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, { value, scope }]) => (passes(scope) ? [[name, value]] : [])),
  )

/** What containers of the app see. */
export const runValues = (variables: Variables): Env => valuesOf(variables, reachesRun)

export const allValues = (variables: Variables): Env => valuesOf(variables, () => true)

export const withScope = (env: Env, scopeOf: (name: string) => Scope): Variables =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, { value, scope: scopeOf(name) }]))

export const namesOfScope = (variables: Variables, scope: Scope): string[] =>
  Object.keys(variables).filter((name) => variables[name]?.scope === scope)
