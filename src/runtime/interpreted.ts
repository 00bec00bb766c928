import type { Definition } from '../model/definition/declared.ts'
import type { Metadata } from '../model/definition/upaas/metadata.ts'
import { ownMetadata } from '../model/definition/upaas/names.ts'
import { refuse } from '../model/refusal.ts'
import type { Facts } from './facts.ts'
import type { Known } from './known.ts'
import { chooseRecipe, type Recipe } from './recipe.ts'
import type { Interpreter, Runtime } from './schema.ts'

/** A runtime that metadata may name as its interpreter. */
export type Interpreted = Runtime & { readonly interpreter: Interpreter }

export type MetadataRecipe = { readonly kind: 'metadata'; readonly metadata: Metadata; readonly runtime: Interpreted }

type Said = Pick<Definition, 'build' | 'metadata'>

/** The app's own metadata first; those of the repository unless its berth.yaml says how to build; then all other ways. */
export async function recipeFor(
  facts: Facts,
  { build, metadata }: Said,
  known: Known,
): Promise<Recipe | MetadataRecipe> {
  const wins = metadata?.file === ownMetadata || !(build.runtime ?? build.dockerfile)
  if (metadata && wins) return { kind: 'metadata', metadata, runtime: interpreterOf(metadata, known) }
  return await chooseRecipe(facts, build, known)
}

/** Throws DEFINITION where none is of that name. */
export function interpreterOf({ file, interpreter }: Metadata, { listed }: Known): Interpreted {
  const { line, column } = interpreter.typeAt
  const possible = listed.flatMap(({ runtime }) => (hasInterpreter(runtime) ? [runtime] : []))
  const names = possible.map(({ name }) => name).toSorted()
  const found = possible.find(({ name }) => name === interpreter.type)
  const reason = `there is no interpreter ${JSON.stringify(interpreter.type.slice(0, 40))} here; there are ${names.join(', ')}`
  return found ?? refuse('DEFINITION', file, line, column, reason)
}

const hasInterpreter = (runtime: Runtime): runtime is Interpreted => runtime.interpreter !== undefined
