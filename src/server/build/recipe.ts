import type { BuildDefinition } from '../../model/definition/declared.ts'
import { refuse } from '../../model/refusal.ts'
import type { Facts } from './facts.ts'
import { type Runtime, runtimes } from './runtime.ts'

/** How an image gets made: by the repository's own Dockerfile, or by one of the runtimes. */
export type Recipe =
  | { readonly kind: 'dockerfile'; readonly path: string; readonly text: string }
  | { readonly kind: 'runtime'; readonly runtime: Runtime }

/** What the definition asks for, else a Dockerfile, else the first runtime that knows the files. Throws NO_RECIPE. */
export async function chooseRecipe(facts: Facts, build: BuildDefinition): Promise<Recipe> {
  if (build.runtime) return { kind: 'runtime', runtime: named(build.runtime) }
  const dockerfile = build.dockerfile ?? 'Dockerfile'
  const text = await facts.text(dockerfile)
  if (text !== undefined) return { kind: 'dockerfile', path: dockerfile, text }
  if (build.dockerfile) refuse('SOURCE', `berth.yaml names the Dockerfile "${dockerfile}", which is not in it`)
  for (const runtime of runtimes()) {
    if (await facts.anyHolds(runtime.detect)) return { kind: 'runtime', runtime }
  }
  return refuse('NO_RECIPE', detected().join(', '))
}

function named(name: string): Runtime {
  const runtime = runtimes().find((candidate) => candidate.name === name)
  const known = runtimes().map((candidate) => candidate.name)
  return (
    runtime ??
    refuse('INVALID', 'build.runtime in berth.yaml', `there is no runtime "${name}"; known are ${known.join(', ')}`)
  )
}

const detected = () => runtimes().flatMap(({ detect }) => detect.flatMap(({ any = [] }) => any))
