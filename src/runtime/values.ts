import type { Runtime } from './schema.ts'

type Problem = { readonly path: readonly (string | number)[]; readonly reason: string }

/** A name that is used and that nothing gives; with where it stands. */
export function valueProblem(runtime: Runtime): Problem | undefined {
  const known = new Set([...Object.keys(runtime.values), 'documentRoot'])
  const unknown = uses(runtime).find(({ name }) => !known.has(name))
  return unknown && { path: unknown.path, reason: `no value is called "${unknown.name}"; "values" has to find it` }
}

type Use = { readonly name: string; readonly path: readonly (string | number)[] }

function uses({ env, processes }: Runtime): Use[] {
  const inEnv = Object.entries(env).flatMap(([name, template]) => named(template, ['env', name]))
  const inProcesses = Object.entries(processes).flatMap(([process, candidates]) =>
    candidates.flatMap(({ when, command }, index) => {
      const path = ['processes', process, index]
      const asked = when?.value === undefined ? [] : [{ name: when.value, path: [...path, 'when', 'value'] }]
      return [...asked, ...command.flatMap((word, at) => named(word, [...path, 'command', at]))]
    }),
  )
  return [...inEnv, ...inProcesses]
}

const named = (template: string, path: Use['path']): Use[] =>
  [...template.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name = '']) => ({ name, path }))
