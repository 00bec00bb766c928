import type { Definition } from '../model/definition/declared.ts'
import { refuse } from '../model/refusal.ts'
import type { ProcessType } from '../model/release.ts'
import { type Facts, findValues } from './facts.ts'
import type { Runtime, Step } from './schema.ts'
import { hasUpscale, upscaleSteps } from './upscale.ts'
import { type Asked, askedVersion, type Packaged, packagedVersion } from './version.ts'

/** A runtime applied to one source: all questions answered, nothing rendered yet. */
export type Plan = {
  readonly runtime: Runtime
  /** The version that is wanted, if any is said. */
  readonly asked?: Asked
  /** The distribution's version, where the runtime is a package of it. */
  readonly packaged?: Packaged
  /** Layers of packages: what every app of this runtime has, then what this one wants besides. */
  readonly packages: readonly (readonly string[])[]
  /** The same for the image that runs, where that is another one than the steps'. */
  readonly finalPackages?: readonly (readonly string[])[]
  readonly env: Readonly<Record<string, string>>
  /** Files to copy before the install steps; empty = all of them. */
  readonly manifests: readonly string[]
  readonly install: readonly Step[]
  readonly build: readonly (Step | { readonly title: string; readonly argv: readonly string[]; readonly root?: true })[]
  /** More files of the image, by absolute path, and steps before those of `install`. */
  readonly files: Readonly<Record<string, string>>
  readonly before: Plan['build']
  readonly processes: readonly ProcessType[]
}

/** `suite` is the base image's release of the distribution, where it is known. */
export async function planBuild(facts: Facts, runtime: Runtime, definition: Definition, suite?: string): Promise<Plan> {
  sayDocumentRoot(facts, definition.build.documentRoot)
  await findValues(facts, runtime)
  const { command } = definition.build
  const build = command
    ? [{ title: 'Building with the command of berth.yaml', argv: command }]
    : await chosen(facts, runtime.build)
  const asked = await askedVersion(facts, runtime, definition.build.version)
  const packaged = runtime.version?.packaged ? packagedVersion(runtime, asked, suite) : undefined
  const { files, before, after } = upscaleSteps(facts.files, definition)
  const early = before.length === 0 && Object.keys(files).length === 0
  const layers = await packagesOf(facts, runtime, definition, packaged?.packages ?? [])
  return {
    runtime,
    ...(asked && { asked }),
    ...(packaged && { packaged }),
    ...(hasUpscale(definition, facts.files) ? inOneImage(layers) : layers),
    env: filled(facts, runtime.env),
    manifests: early ? await manifestsOf(facts, runtime) : [],
    files,
    before,
    install: await chosen(facts, runtime.install),
    build: [...build, ...(await chosen(facts, runtime.finish)), ...after],
    processes: await processesOf(facts, runtime, definition),
  }
}

function sayDocumentRoot(facts: Facts, root: string | undefined): void {
  if (!root) return
  const folder = root === '.' || facts.files.files.some((path) => path.startsWith(`${root}/`))
  if (!folder)
    refuse('SOURCE', `berth.yaml names the document root ${JSON.stringify(root)}, which is not a folder of it`)
  facts.say('documentRoot', root)
}

async function chosen(facts: Facts, steps: readonly Step[]): Promise<Step[]> {
  const holds = await Promise.all(steps.map((step) => facts.hold(step.when)))
  return steps.filter((_, index) => holds[index])
}

type Layers = Pick<Plan, 'packages' | 'finalPackages'>

async function packagesOf(
  facts: Facts,
  runtime: Runtime,
  { build }: Definition,
  ofVersion: readonly string[],
): Promise<Layers> {
  const { packages, packagesWhen, packagesFrom, final } = runtime
  const named = await Promise.all(packagesFrom.map((from) => packagesNamed(facts, from)))
  const wanted = [...named.flat(), ...(build.packages ?? [])]
  const steps = layers([...packages, ...ofVersion], [...(await chosenPackages(facts, packagesWhen)), ...wanted])
  if (!final) return { packages: steps }
  const running = [...(await chosenPackages(facts, final.packagesWhen)), ...wanted]
  return { packages: steps, finalPackages: layers(final.packages, running) }
}

/** What scripts do to the whole system has to be in the image that runs. */
const inOneImage = ({ packages, finalPackages = [] }: Layers): Layers => ({
  packages: [...packages, ...finalPackages],
})

/** What all apps of a runtime share comes first. */
function layers(first: readonly string[], then: readonly string[]): string[][] {
  const common = new Set(first)
  const own = new Set(then)
  return [[...common].toSorted(), [...own.difference(common)].toSorted()].filter((names) => names.length > 0)
}

async function chosenPackages(facts: Facts, conditional: Runtime['packagesWhen']): Promise<string[]> {
  const holds = await Promise.all(conditional.map(({ when }) => facts.hold(when)))
  return conditional.filter((_, index) => holds[index]).flatMap(({ packages }) => packages)
}

async function packagesNamed(
  facts: Facts,
  { json, match, give, except }: Runtime['packagesFrom'][number],
): Promise<string[]> {
  const expression = new RegExp(`^${match}$`)
  const keys = (await facts.keys(...json)).filter((key) => expression.test(key) && !except.includes(key))
  return keys.map((key) => key.replace(expression, give).toLowerCase())
}

/** Names of the variables that an app of this runtime gets a secret value for. */
export async function generatedBy(facts: Facts, { generate }: Runtime): Promise<string[]> {
  const holds = await Promise.all(generate.map(({ when }) => facts.hold(when)))
  return generate.filter((_, index) => holds[index]).map(({ variable }) => variable)
}

/** Values are for the image's environment; a variable whose value was not found is left out. */
function filled(facts: Facts, env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, template]) => {
      const value = facts.fill(template)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

async function manifestsOf(facts: Facts, { manifests }: Runtime): Promise<string[]> {
  if (!manifests || (await facts.anyHolds(manifests.unless))) return []
  return manifests.files.filter((path) => facts.files.files.includes(path))
}

/** The definition's processes; the runtime's `web` where the definition has none of its own. */
async function processesOf(facts: Facts, runtime: Runtime, { processes }: Definition): Promise<ProcessType[]> {
  if (processes) return processes.map(({ args, ...process }) => (args ? { ...process, command: args } : process))
  const found: ProcessType[] = []
  for (const [name, candidates] of Object.entries(runtime.processes)) {
    const command = await commandOf(facts, candidates)
    if (command) found.push({ name, command })
  }
  if (found.length === 0) refuse('SOURCE', `this ${runtime.title} app does not say how it is started: ${runtime.help}`)
  return found
}

async function commandOf(facts: Facts, candidates: Runtime['processes'][string]): Promise<string[] | undefined> {
  for (const { when, command } of candidates) {
    const argv = command.map((word) => facts.fill(word))
    if ((await facts.hold(when)) && argv.every((word) => word !== undefined)) return argv
  }
  return undefined
}
