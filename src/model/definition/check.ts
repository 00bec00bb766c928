import { Refusal } from '../refusal.ts'
import { type DefinitionFiles, readDefinition } from './definition.ts'

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
export function checkDefinition(files: DefinitionFiles): Checked {
  const present = Object.keys(files).filter((name) => files[name] !== undefined)
  const alone = present
    .filter((name) => independent.includes(name))
    .map((name) => ({ name, ...attempt({ [name]: files[name] }) }))
  const wrong = alone.filter(({ errors }) => errors.length > 0)
  const others = attempt({ ...files, ...Object.fromEntries(wrong.map(({ name }) => [name, blank[name] ?? ''])) })
  return {
    files: present.toSorted(),
    errors: [...wrong.flatMap(({ errors }) => errors), ...others.errors],
    warnings: others.warnings,
  }
}

type Said = Pick<Checked, 'errors' | 'warnings'>

function attempt(files: DefinitionFiles): Said {
  try {
    return { errors: [], warnings: readDefinition(files).warnings }
  } catch (error) {
    if (error instanceof Refusal) return { errors: [error.message], warnings: [] }
    throw error
  }
}
