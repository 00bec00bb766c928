import type { Definition } from '../../model/definition/definition.ts'
import type { Facts } from './facts.ts'

const leastSecret = 6

/** Replaces the values of variables in a line of output by their names. */
export function redactor(env: Readonly<Record<string, string>>): (line: string) => string {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => value.split('\n').map((line) => [line.trim(), `[${name}]`] as const))
    .filter(([line]) => line.length >= leastSecret)
    .toSorted(([a], [b]) => b.length - a.length)
  return (line) => secrets.reduce((text, [value, name]) => text.replaceAll(value, name), line)
}

/** What the one who pushes should know before the build fails or surprises. */
export async function sourceWarnings(
  facts: Facts,
  definition: Definition,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const missing = definition.required.filter((name) => !Object.hasOwn(env, name))
  return [
    ...(await submodules(facts)),
    ...missing.map((name) => `${name} is required by the app's definition and not set: berth env set ${name}=…`),
  ]
}

async function submodules(facts: Facts): Promise<string[]> {
  const text = await facts.text('.gitmodules')
  const paths = [...(text ?? '').matchAll(/^\s*path\s*=\s*(.+)$/gm)].map((match) => match[1]?.trim() ?? '')
  const { files } = facts.source.tree
  const empty = paths.filter((path) => !files.some((file) => file.startsWith(`${path}/`)))
  return empty.map(
    (path) =>
      `the submodule ${JSON.stringify(path)} is not part of a push, so its folder is empty; add its files to the repository (git subtree), or deploy the folder: berth deploy`,
  )
}
