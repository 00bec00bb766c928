import type { BuildDefinition } from '../../model/definition/declared.ts'
import type { Facts } from '../../runtime/facts.ts'
import type { Context } from './context.ts'
import { ignoring } from './ignore.ts'

/** Where a Dockerfile goes that lies outside of what it sees, or that no file has. */
const aside = '.berth/Dockerfile'

/** What a Dockerfile sees, and its own path in there. What stands beside it as `.dockerignore` under its name goes before the folder's. */
export async function dockerContext(facts: Facts, path: string, build: BuildDefinition, dockerfile: string) {
  const { context: root = '.' } = build
  const own = build.inline === undefined ? within(root, path) : undefined
  const name = own ?? aside
  const inFolder = root === '.' ? '.dockerignore' : `${root}/.dockerignore`
  const ofFile = build.inline === undefined ? await facts.text(`${path}.dockerignore`) : undefined
  const ignores = ignoring(ofFile ?? (await facts.text(inFolder)) ?? '')
  const context: Context = { root, folder: '', takes: (entry) => !ignores(entry.path), files: { [name]: dockerfile } }
  return { context, dockerfile: name }
}

function within(root: string, path: string): string | undefined {
  if (root === '.') return path
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
}
