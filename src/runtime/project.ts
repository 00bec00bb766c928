import {
  type DefinitionFiles,
  definitionFileNames,
  definitionPaths,
  readDefinition,
} from '../model/definition/definition.ts'
import { Facts } from './facts.ts'
import { type Files, filesFrom } from './files.ts'
import type { Known } from './known.ts'
import { type Plan, planBuild } from './plan.ts'
import { chooseRecipe } from './recipe.ts'
import type { Runtime } from './schema.ts'

type Contents = Readonly<Record<string, string>>

/** A runtime's first commit, `{app}` still in it; where another runtime would take these files, berth.yaml names this one. */
export async function projectOf(runtime: Runtime, known: Known): Promise<Contents> {
  const { project = {} } = runtime
  if (Object.keys(project).length === 0) return project
  const chosen = await chosenFor(filesFrom(namedProject(project, 'app')), known)
  return chosen === runtime.name ? project : { 'berth.yaml': `build:\n  runtime: ${runtime.name}\n`, ...project }
}

/** A first commit for the app of this name. */
export const namedProject = (project: Contents, app: string): Contents =>
  Object.fromEntries(Object.entries(project).map(([path, text]) => [path, text.replaceAll('{app}', app)]))

/** The name of the recipe that a repository gets, or nothing when none knows it. */
export async function chosenFor(files: Files, known: Known): Promise<string | undefined> {
  const facts = new Facts(files)
  const { build } = readDefinition(await definitionFiles(facts))
  const recipe = await chooseRecipe(facts, build, known).catch(() => undefined)
  return recipe?.kind === 'runtime' ? recipe.runtime.name : recipe?.kind
}

/** What a runtime would do with a repository. Throws what a build would. */
export async function planFor(files: Files, runtime: Runtime, suite?: string): Promise<Plan> {
  const facts = new Facts(files)
  return planBuild(facts, runtime, readDefinition(await definitionFiles(facts)), suite)
}

/** The definition files of a repository, and the files that they name. */
export async function definitionFiles(facts: Facts): Promise<DefinitionFiles> {
  let files: DefinitionFiles = {}
  for (let paths: readonly string[] = definitionFileNames; paths.length > 0; paths = definitionPaths(files)) {
    const found = await Promise.all(paths.map(async (path) => [path, await facts.text(path)] as const))
    files = { ...files, ...Object.fromEntries(found) }
  }
  return files
}
