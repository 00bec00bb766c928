import { Refusal } from '../refusal.ts'
import { type DefinitionFiles, readDefinition } from './definition.ts'
import { hooksOf } from './upscale/hooks.ts'

export type Checked = {
  /** Those that are there. */
  readonly files: readonly string[]
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/** Files that neither name others nor are read only where others are not there. */
const independent = ['Procfile', 'app.json']

/** In place of a file that is wrong. */
const blank: Readonly<Record<string, string>> = { 'app.json': '{}' }

/** What a push would say, with the first mistake of each file that can be read without the others. */
export function checkDefinition(files: DefinitionFiles, tree: Tree = nothing): Checked {
  const present = Object.keys(files).filter((name) => files[name] !== undefined)
  const alone = present
    .filter((name) => independent.includes(name))
    .map((name) => ({ name, ...attempt(() => readDefinition({ [name]: files[name] }).warnings) }))
  const wrong = alone.filter(({ errors }) => errors.length > 0)
  const fixed = { ...files, ...Object.fromEntries(wrong.map(({ name }) => [name, blank[name] ?? ''])) }
  const others = attempt(() => readDefinition(fixed).warnings)
  const hooks = attempt(() => hooksOf(tree.files, tree.paths) && [])
  return {
    files: present.toSorted(),
    errors: [...wrong.flatMap(({ errors }) => errors), ...others.errors, ...hooks.errors],
    warnings: others.warnings,
  }
}

/** What a folder has: its regular files, and everything. */
type Tree = { readonly files: Iterable<string>; readonly paths: Iterable<string> }
const nothing: Tree = { files: [], paths: [] }

type Said = Pick<Checked, 'errors' | 'warnings'>

function attempt(read: () => readonly string[]): Said {
  try {
    return { errors: [], warnings: read() }
  } catch (error) {
    if (error instanceof Refusal) return { errors: [error.message], warnings: [] }
    throw error
  }
}
