import { isCollection, isMap, isNode, isPair, isScalar, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { failAt, nearest, type Place } from '../model/definition/place.ts'
import { yamlRoot } from '../model/definition/read.ts'
import { Runtime } from './schema.ts'
import { valueProblem } from './values.ts'

type Issue = z.core.$ZodIssue

/** A runtime from the text of its file. Throws DEFINITION with file, line and column. */
export function readRuntime(file: string, text: string): Runtime {
  const place = { file, text: text.replace(/^\uFEFF/, ''), warn: () => undefined }
  const root = yamlRoot(place)
  const parsed = Runtime.safeParse(document(place))
  if (!parsed.success) return failIssue(place, root, parsed.error.issues)
  const problem = valueProblem(parsed.data)
  if (problem) failAt(place, offsetOf(root, problem.path), problem.reason)
  const expected = /([^/]*)\.yaml$/.exec(file)?.[1]
  if (expected !== parsed.data.name)
    failAt(place, offsetOf(root, ['name']), `a runtime called "${parsed.data.name}" stands in ${parsed.data.name}.yaml`)
  return parsed.data
}

/** Aliases could make much of a small file; a runtime needs few. */
function document(place: Place): unknown {
  try {
    return parseDocument(place.text, { logLevel: 'error' }).toJS({ maxAliasCount: 50 })
  } catch {
    return failAt(place, 0, 'has too many aliases')
  }
}

function failIssue(place: Place, root: Node | undefined, issues: readonly Issue[]): never {
  // A mistyped key is the reason for the one that is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (!issue) return failAt(place, 0, 'cannot be read')
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0 && issue.keys.includes('template'))
    failAt(
      place,
      keyOffset(root, 'template'),
      'this is a runtime of Upscale; put it into repositories as .upscale/runtime.yaml',
    )
  return failAt(place, issueOffset(root, issue), reasonOf(issue))
}

function issueOffset(root: Node | undefined, issue: Issue): number {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return keyOffset(nodeAt(root, path), issue.keys[0] ?? '')
  if (issue.code === 'invalid_key') return keyOffset(nodeAt(root, path.slice(0, -1)), String(path.at(-1)))
  return offsetOf(root, path)
}

function reasonOf(issue: Issue): string {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return `unknown key "${issue.keys[0]}"${meant(path, issue.keys[0] ?? '')}`
  if (issue.code === 'invalid_key')
    return `${path.slice(0, -1).join('.')}: "${String(path.at(-1))}" ${issue.issues[0]?.message}`
  const at = path.map(String).join('.')
  return at ? `${at}: ${lowered(issue.message)}` : lowered(issue.message)
}

const lowered = (message: string) =>
  message.replace(/^Invalid input: /, '').replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase())

/** Only keys of the top are guessed: there are many of them. */
function meant(path: readonly PropertyKey[], key: string): string {
  const near = path.length === 0 ? nearest(key, Object.keys(Runtime.shape)) : undefined
  return near ? `; did you mean "${near}"?` : ''
}

/** Where a value stands, or the nearest thing around it that is there. */
function offsetOf(root: Node | undefined, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(root, path.slice(0, length))
    if (node?.range) return node.range[0]
  }
  return root?.range?.[0] ?? 0
}

function nodeAt(root: Node | undefined, path: readonly PropertyKey[]): Node | undefined {
  if (path.length === 0) return root
  const found: unknown = isCollection(root) ? root.getIn(path, true) : undefined
  return isNode(found) ? found : undefined
}

function keyOffset(node: Node | undefined, key: string): number {
  const pair = isMap(node)
    ? node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
    : undefined
  return (isScalar(pair?.key) ? pair.key.range?.[0] : undefined) ?? node?.range?.[0] ?? 0
}
