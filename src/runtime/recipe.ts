import type { BuildDefinition } from '../model/definition/declared.ts'
import { refuse } from '../model/refusal.ts'
import type { Facts } from './facts.ts'
import type { Known } from './known.ts'
import type { Runtime } from './schema.ts'

/** How an image gets made: by the repository's own Dockerfile, or by one of the runtimes. */
export type Recipe =
  | { readonly kind: 'dockerfile'; readonly path: string; readonly text: string }
  | { readonly kind: 'runtime'; readonly runtime: Runtime }

/** What the definition asks for, else a Dockerfile, else the first runtime that knows the files. Throws NO_RECIPE. */
export async function chooseRecipe(facts: Facts, build: BuildDefinition, known: Known): Promise<Recipe> {
  if (build.runtime) return { kind: 'runtime', runtime: named(build.runtime, known) }
  const own = await ownDockerfile(facts, build)
  if (own) return own
  for (const { runtime } of known.listed) {
    if (await facts.anyHolds(runtime.detect)) return { kind: 'runtime', runtime: usable(runtime, known) }
  }
  return refuse('NO_RECIPE', detected(known).join(', '))
}

async function ownDockerfile(facts: Facts, build: BuildDefinition): Promise<Recipe | undefined> {
  const { context = '.', inline, namedBy = 'berth.yaml' } = build
  if (inline !== undefined) return { kind: 'dockerfile', path: 'Dockerfile', text: inline }
  if (context !== '.' && !facts.files.files.some((path) => path.startsWith(`${context}/`)))
    refuse('SOURCE', `${namedBy} names the folder "${context}", which is not in it`)
  const path = build.dockerfile ?? (context === '.' ? 'Dockerfile' : `${context}/Dockerfile`)
  const text = await facts.text(path)
  if (text !== undefined) return { kind: 'dockerfile', path, text }
  if (build.dockerfile ?? build.context)
    refuse('SOURCE', `${namedBy} names the Dockerfile "${path}", which is not in it`)
  return undefined
}

function named(name: string, known: Known): Runtime {
  const names = known.listed.map(({ runtime }) => runtime.name)
  const listed = known.listed.find(({ runtime }) => runtime.name === name)
  if (listed) return usable(listed.runtime, known)
  refuseBroken(name, known)
  return refuse(
    'INVALID',
    'build.runtime in berth.yaml',
    `there is no runtime "${name}"; known are ${names.join(', ')}`,
  )
}

/** Where the operator's own file is broken, the shipped one of its name may be the wrong one. */
function usable(runtime: Runtime, known: Known): Runtime {
  refuseBroken(runtime.name, known)
  return runtime
}

function refuseBroken(name: string, { broken }: Known): void {
  const found = broken.find((candidate) => candidate.name === name)
  if (found)
    refuse('UNAVAILABLE', `the runtime "${name}"`, `the operator has to mend its file ("berth doctor" says where)`)
}

const detected = ({ listed }: Known) => listed.flatMap(({ runtime }) => runtime.detect.flatMap(({ any = [] }) => any))
