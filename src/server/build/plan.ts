import type { Definition } from '../../model/definition/declared.ts'
import { refuse } from '../../model/refusal.ts'
import type { ProcessType } from '../../model/release.ts'
import { type Facts, findValues } from './facts.ts'
import type { Runtime, Step } from './runtime.ts'
import { show } from './tree.ts'

/** A runtime applied to one source: all questions answered, nothing rendered yet. */
export type Plan = {
  readonly runtime: Runtime
  /** Layers of packages: what every app of this runtime has, then what this one wants besides. */
  readonly packages: readonly (readonly string[])[]
  readonly env: Readonly<Record<string, string>>
  /** Files to copy before the install steps; empty = all of them. */
  readonly manifests: readonly string[]
  readonly install: readonly Step[]
  readonly build: readonly (Step | { readonly title: string; readonly argv: readonly string[] })[]
  readonly processes: readonly ProcessType[]
}

export async function planBuild(facts: Facts, runtime: Runtime, definition: Definition): Promise<Plan> {
  sayDocumentRoot(facts, definition.build.documentRoot)
  await findValues(facts, runtime)
  const { command } = definition.build
  const build = command
    ? [{ title: 'Building with the command of berth.yaml', argv: command }]
    : await chosen(facts, runtime.build)
  return {
    runtime,
    packages: await packagesOf(facts, runtime, definition),
    env: filled(facts, runtime.env),
    manifests: await manifestsOf(facts, runtime),
    install: await chosen(facts, runtime.install),
    build: [...build, ...(await chosen(facts, runtime.finish))],
    processes: await processesOf(facts, runtime, definition),
  }
}

function sayDocumentRoot(facts: Facts, root: string | undefined): void {
  if (!root) return
  const folder = root === '.' || facts.source.tree.files.some((path) => path.startsWith(`${root}/`))
  if (!folder) refuse('SOURCE', `berth.yaml names the document root ${show(root)}, which is not a folder of it`)
  facts.say('documentRoot', root)
}

async function chosen(facts: Facts, steps: readonly Step[]): Promise<Step[]> {
  const holds = await Promise.all(steps.map((step) => facts.hold(step.when)))
  return steps.filter((_, index) => holds[index])
}

async function packagesOf(facts: Facts, runtime: Runtime, { build }: Definition): Promise<string[][]> {
  const conditional = await chosenPackages(facts, runtime)
  const named = await Promise.all(runtime.packagesFrom.map((from) => packagesFrom(facts, from)))
  const common = new Set(runtime.packages)
  const own = new Set([...conditional, ...named.flat(), ...(build.packages ?? [])])
  return [[...common].toSorted(), [...own.difference(common)].toSorted()].filter((names) => names.length > 0)
}

async function chosenPackages(facts: Facts, { packagesWhen }: Runtime): Promise<string[]> {
  const holds = await Promise.all(packagesWhen.map(({ when }) => facts.hold(when)))
  return packagesWhen.filter((_, index) => holds[index]).flatMap(({ packages }) => packages)
}

async function packagesFrom(
  facts: Facts,
  { json, match, give, except }: Runtime['packagesFrom'][number],
): Promise<string[]> {
  const expression = new RegExp(`^${match}$`)
  const keys = (await facts.keys(...json)).filter((key) => expression.test(key) && !except.includes(key))
  return keys.map((key) => key.replace(expression, give).toLowerCase())
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
  return manifests.files.filter((path) => facts.source.tree.file(path))
}

/** The definition's processes; the runtime's `web` where the definition has none of its own. */
async function processesOf(facts: Facts, runtime: Runtime, { processes }: Definition): Promise<ProcessType[]> {
  if (processes) return [...processes]
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
