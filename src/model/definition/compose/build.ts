import { isMap, type Node } from 'yaml'
import { argumentName } from '../argumentName.ts'
import type { BuildDefinition } from '../declared.ts'
import { position } from '../place.ts'
import { checked, fail } from '../read.ts'
import { buildKeys } from './keys.ts'
import { sayUnused } from './unused.ts'
import { assignmentsOf, type Composed, filled, insideOf, membersOf, textOf } from './values.ts'

const read = ['context', 'dockerfile', 'dockerfile_inline', 'args', 'target']

/** How a service is built: a folder of the repository and its Dockerfile. */
export function buildOf(composed: Composed, node: Node, path: string): BuildDefinition {
  const namedBy = `${composed.place.file}:${position(composed.place.text, node.range?.[0] ?? 0).line}`
  if (!isMap(node)) return { ...ofContext(composed, node, { context: node }), namedBy }
  const members = membersOf(composed, node)
  sayUnused(composed, members, read, buildKeys, path)
  const [context, inline, target, args] = ['context', 'dockerfile_inline', 'target', 'args'].map(
    (key) => members.get(key)?.value,
  )
  const dockerfile = members.get('dockerfile')?.value
  if (inline && dockerfile) fail(composed.place, inline, 'there is a "dockerfile" already')
  const place = ofContext(composed, node, { context, dockerfile })
  return {
    ...place,
    ...(inline && { inline: textOf(composed, inline) }),
    ...(target && { target: stageOf(composed, target) }),
    ...(args && { args: argumentsOf(composed, args) }),
    namedBy,
  }
}

type Where = { readonly context?: Node | undefined; readonly dockerfile?: Node | undefined }

function ofContext(composed: Composed, build: Node, { context: node, dockerfile }: Where) {
  const raw = node ? textOf(composed, node) : '.'
  if (node && /^[\w+.-]+:|^git@|^\/\/|\.git(#|$)/.test(raw)) {
    fail(composed.place, node, 'must be a folder of the repository; nothing else is fetched to be built')
  }
  const context = insideOf(composed, node ?? build, composed.folder, raw)
  const name = dockerfile ? textOf(composed, dockerfile) : 'Dockerfile'
  return { context, dockerfile: insideOf(composed, dockerfile ?? build, context === '.' ? '' : context, name) }
}

function stageOf(composed: Composed, node: Node): string {
  const stage = textOf(composed, node)
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$/.test(stage)
    ? stage
    : fail(composed.place, node, 'must be the name of a stage')
}

/** An argument without a value takes it from `.env`, or is left to the Dockerfile. */
function argumentsOf(composed: Composed, node: Node): Record<string, string> {
  const given = new Map<string, string>()
  for (const { name: written, raw, at } of assignmentsOf(composed, node)) {
    const name = checked(composed.place, at, () => argumentName(written))
    const text = raw === undefined ? composed.variables.get(written) : filled(composed, at, raw)
    if (text !== undefined) given.set(name, text)
  }
  return Object.fromEntries(given)
}
