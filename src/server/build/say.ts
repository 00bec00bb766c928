import type { Definition } from '../../model/definition/declared.ts'

const leastSecret = 6

/** Replaces the values of variables in a line of output by their names. */
export function redactor(env: Readonly<Record<string, string>>): (line: string) => string {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => value.split('\n').map((line) => [line.trim(), `[${name}]`] as const))
    .filter(([line]) => line.length >= leastSecret)
    .toSorted(([a], [b]) => b.length - a.length)
  return (line) => secrets.reduce((text, [value, name]) => text.replaceAll(value, name), line)
}

/** What the one who deploys should know before the app starts without it. */
export function definitionWarnings(definition: Definition, env: Readonly<Record<string, string>>): string[] {
  const missing = definition.required.filter((name) => !Object.hasOwn(env, name))
  const required = missing.map(
    (name) => `${name} is required by the app's definition and not set: berth env set ${name}=…`,
  )
  return [...definition.warnings, ...required]
}
