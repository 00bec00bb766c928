import type { Definition } from '../model/definition/declared.ts'
import { readDefinition } from '../model/definition/definition.ts'
import { ownMetadata } from '../model/definition/upaas/names.ts'
import { defaultHealth } from '../model/health.ts'
import { defaultPort, type ProcessType } from '../model/release.ts'
import { reachesBuild } from '../model/variables.ts'
import { Facts } from './facts.ts'
import type { Files } from './files.ts'
import { type MetadataRecipe, recipeFor } from './interpreted.ts'
import type { Known } from './known.ts'
import { planMetadata } from './metadataPlan.ts'
import { type Plan, planBuild } from './plan.ts'
import { definitionFiles } from './project.ts'
import type { Recipe } from './recipe.ts'
import type { Runtime } from './schema.ts'

export type DescribedStep = {
  readonly title: string
  readonly commands: readonly string[]
  /** Names of the variables that it sees besides those of every step. */
  readonly env: readonly string[]
  readonly folder: string
}

/** What a build would do, for people. */
export type Described = {
  readonly recipe: string
  readonly version: string | null
  /** Release of the distribution that this holds for. */
  readonly suite: string | null
  readonly packages: readonly string[]
  /** Where the image that runs is another one than that of the steps. */
  readonly runningPackages: readonly string[]
  readonly steps: readonly DescribedStep[]
  readonly processes: readonly ProcessType[]
  /** Lines of uWSGI's file, where it serves. */
  readonly uwsgi: readonly string[]
  readonly releaseCommand: readonly string[]
  readonly port: number
  readonly health: { readonly path: string; readonly deadlineMs: number; readonly timeoutMs: number }
  /** Variables that containers get unless somebody sets them, that get a random value, and that must be set. */
  readonly env: readonly string[]
  readonly generated: readonly string[]
  readonly required: readonly string[]
  readonly warnings: readonly string[]
  /** Why a build would be refused. */
  readonly problem: string | null
}

export type Asked = {
  readonly files: Files
  /** Metadata of the app itself. */
  readonly metadata?: string
  readonly known: Known
  readonly safeUwsgi: readonly string[]
  /** A later build, on the package before. */
  readonly later: boolean
  /** Of the interpreter, instead of those that the metadata say. */
  readonly version?: string
}

type Part = Partial<Described> & Pick<Described, 'recipe' | 'steps' | 'processes'>

const nothing = {
  recipe: '',
  version: null,
  suite: null,
  packages: [],
  runningPackages: [],
  steps: [],
  processes: [],
  uwsgi: [],
  problem: null,
}

/** Throws what a build would, but for a version that is not there. */
export async function describeBuild(asked: Asked): Promise<Described> {
  const facts = new Facts(asked.files)
  const definition = readDefinition({ ...(await definitionFiles(facts)), [ownMetadata]: asked.metadata })
  const recipe = await recipeFor(facts, definition, asked.known)
  const part = await partOf(recipe, facts, definition, asked)
  const { env, generated, required, releaseCommand = [], port } = definition
  const health = { ...defaultHealth, ...part.health, ...definition.health }
  return {
    ...nothing,
    ...part,
    releaseCommand,
    port: port ?? defaultPort,
    health: { path: health.path, deadlineMs: health.deadlineMs, timeoutMs: health.timeoutMs },
    env: Object.keys(env),
    generated,
    required,
    warnings: [...definition.warnings, ...(part.warnings ?? [])],
  }
}

function partOf(
  recipe: Recipe | MetadataRecipe,
  facts: Facts,
  definition: Definition,
  asked: Asked,
): Part | Promise<Part> {
  if (recipe.kind === 'metadata') return byMetadata(recipe, definition, asked)
  return recipe.kind === 'dockerfile' ? byDockerfile(recipe, definition) : byRuntime(recipe.runtime, facts, definition)
}

/** The newest release of the distribution that Berth's base image is made of. */
const suiteFor = ({ version }: Runtime) => Object.keys(version?.packaged ?? {})[0]

function byMetadata(
  { metadata, runtime }: MetadataRecipe,
  definition: Definition,
  { files, safeUwsgi, later, version }: Asked,
): Part {
  const suite = suiteFor(runtime)
  const fetched = later ? 'update' : 'clone'
  const plan = planMetadata(metadata, runtime, {
    origin: files.files.length > 0 ? 'tree' : fetched,
    fresh: !later,
    ...(suite && { suite }),
    ...(version !== undefined && { version }),
    safe: safeUwsgi,
    env: { UPAAS_SYSTEM_DOMAIN: '' },
  })
  const ofApp = Object.keys(metadata.env)
  const ofActions = [...Object.keys(plan.env), ...Object.keys(runtime.interpreter.cache)]
  return {
    recipe: `uPaaS metadata (${runtime.name})`,
    version: plan.version ?? null,
    suite: suite ?? null,
    packages: plan.packages.flat(),
    steps: plan.steps.map(({ title, commands, folder, env, sees }) => ({
      title,
      commands: commands.length > 0 ? commands : ownWork(title, Object.keys(metadata.files)),
      env: sees === 'app' ? [...Object.keys(env), ...ofActions, ...ofApp] : Object.keys(env),
      folder,
    })),
    processes: definition.processes ?? plan.processes,
    uwsgi: plan.uwsgi,
    warnings: plan.warnings,
    problem: plan.problem ?? null,
  }
}

const ownWork = (title: string, files: readonly string[]) => (title === 'Writing files' ? files : [])

async function byRuntime(runtime: Runtime, facts: Facts, definition: Definition): Promise<Part> {
  const suite = suiteFor(runtime)
  const plan = await planBuild(facts, runtime, definition, suite)
  const { packaged, asked } = plan
  return {
    recipe: runtime.name,
    version: packaged?.version ?? asked?.range ?? null,
    suite: suite ?? null,
    packages: plan.packages.flat(),
    runningPackages: plan.finalPackages?.flat() ?? [],
    steps: [...plan.before, ...plan.install, ...plan.build].map((step) => ({
      ...commandOf(step),
      env: envOf(step, plan, definition),
      folder: '/app',
    })),
    processes: plan.processes,
    health: healthOf(runtime),
    warnings: packaged?.warning ? [packaged.warning] : [],
  }
}

const healthOf = ({ health: { path, deadlineMs } }: Runtime) => ({
  ...defaultHealth,
  ...(path && { path }),
  ...(deadlineMs && { deadlineMs }),
})

type Step = Plan['build'][number]

const commandOf = (step: Step) => ({ title: step.title, commands: ['run' in step ? step.run : step.argv.join(' ')] })

function envOf(step: Step, plan: Plan, { env, scopes = {}, build }: Definition): string[] {
  const cache = 'cache' in step ? Object.keys(step.cache ?? {}) : []
  const said = Object.keys(env).filter((name) => reachesBuild(scopes[name] ?? 'run'))
  return [...new Set([...Object.keys(plan.env), ...cache, ...said, ...(build.env ?? [])])]
}

function byDockerfile({ path, text }: Extract<Recipe, { kind: 'dockerfile' }>, { build, processes }: Definition): Part {
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\[ \t]*\r?\n\s*/g, ' ')
  const instructions = joined.split(/\r?\n/).filter((line) => /^\s*(?:FROM|RUN|COPY|ADD)\s/i.test(line))
  const env = Object.keys(build.args ?? {})
  return {
    recipe: path,
    steps: instructions.map((line) => ({ title: line.trim(), commands: [], env, folder: '' })),
    processes: processes ?? [{ name: 'web', command: [] }],
  }
}
