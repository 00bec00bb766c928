import { printable } from '../model/printable.ts'
import { refuse } from '../model/refusal.ts'
import type { Facts } from './facts.ts'
import type { Runtime } from './schema.ts'
import { admitted } from './semver.ts'

/** A range of versions, and which file wants it. */
export type Asked = { readonly range: string; readonly by: string }

/** One of the distribution's versions; without `version` it is not known which the base image has. */
export type Packaged = {
  readonly version?: string
  readonly packages: readonly string[]
  readonly asked?: Asked
  /** What the one who deploys should know. */
  readonly warning?: string
}

/** What a repository says about the version: berth.yaml first, then the runtime's own files in their order. */
export async function askedVersion(
  facts: Facts,
  { version }: Runtime,
  declared: string | undefined,
): Promise<Asked | undefined> {
  if (declared !== undefined) return { range: declared, by: 'berth.yaml' }
  for (const candidate of version?.asked ?? []) {
    const range = await facts.find([candidate])
    if (range !== undefined)
      return { range: shown(range), by: candidate.text?.[0] ?? candidate.json?.[0] ?? 'the repository' }
  }
  return undefined
}

/** A JSON file may say anything, and this is shown on terminals. */
const shown = (range: string) => printable(range).trim().slice(0, 80)

/** The newest version of a release of the distribution that fits. Throws SOURCE when there is none. */
export function packagedVersion(runtime: Runtime, asked: Asked | undefined, suite: string | undefined): Packaged {
  const { packaged = {}, tilde = 'patch', default: fallback = '*' } = runtime.version ?? {}
  const offered = Object.hasOwn(packaged, suite ?? '') ? packaged[suite ?? ''] : undefined
  const common = { packages: [], ...(asked && { asked }) }
  if (!offered) return asked ? { ...common, warning: unknownHere(runtime, asked) } : common
  const fitting = (range: string) => admitted(Object.keys(offered), range, tilde)
  const version = fitting(asked?.range ?? fallback)
  if (version) return { ...common, version, packages: offered[version] ?? [] }
  if (!asked) return common
  const near = fitting(asked.range.replace(/(\d+\.\d+)\.\d+/g, '$1'))
  if (!near) return impossible(runtime, asked, Object.keys(offered))
  const warning = `${asked.by} asks for ${runtime.title} ${asked.range}; the distribution's ${near} is taken, whose last part may differ`
  return { ...common, version: near, packages: offered[near] ?? [], warning }
}

const unknownHere = ({ title }: Runtime, { by, range }: Asked) =>
  `${by} asks for ${title} ${range}; which version this base image has is not known, so it is not checked`

function impossible({ title }: Runtime, { by, range }: Asked, offered: readonly string[]): never {
  const wayOut = by === 'berth.yaml' ? 'change build.version there' : `change it, or say build.version in berth.yaml`
  return refuse(
    'SOURCE',
    `${by} asks for ${title} ${range}, and there is ${offered.join(', ')} here; ${wayOut}, or bring a Dockerfile`,
  )
}
