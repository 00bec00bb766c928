import { isCollection, isMap, isNode, isPair, isScalar, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { failAt, nearest, type Place } from './place.ts'
import { yamlRoot } from './read.ts'

type Issue = z.core.$ZodIssue
type Problem = { readonly path: readonly PropertyKey[]; readonly reason: string }

export type SchemaFile<S extends z.ZodObject> = {
  /** What it describes, with its article. */
  readonly what: string
  readonly schema: S
  /** What a schema cannot say. */
  readonly problem?: (value: z.infer<S>) => Problem | undefined
  /** Unknown keys of the top that tell what the file is instead. */
  readonly foreign?: Readonly<Record<string, string>>
}

/** The value of an operator's YAML file that is called after its `name`. Throws DEFINITION with file, line and column. */
export function readSchemaFile<S extends z.ZodObject>(file: string, text: string, of: SchemaFile<S>): z.infer<S> {
  const place = { file, text: text.replace(/^\uFEFF/, ''), warn: () => undefined }
  const root = yamlRoot(place)
  const parsed = of.schema.safeParse(document(place))
  if (!parsed.success) return failIssue(place, root, parsed.error.issues, of)
  const problem = of.problem?.(parsed.data) ?? nameProblem(file, parsed.data.name, of)
  if (problem) failAt(place, offsetOf(root, problem.path), problem.reason)
  return parsed.data
}

function nameProblem(file: string, name: unknown, { what }: Pick<SchemaFile<z.ZodObject>, 'what'>) {
  if (/([^/]*)\.yaml$/.exec(file)?.[1] === name) return undefined
  return { path: ['name'], reason: `${what} called "${name}" stands in ${name}.yaml` }
}

/** Aliases could make much of a small file; these need few. */
function document(place: Place): unknown {
  try {
    return parseDocument(place.text, { logLevel: 'error' }).toJS({ maxAliasCount: 50 })
  } catch {
    return failAt(place, 0, 'has too many aliases')
  }
}

type About = Pick<SchemaFile<z.ZodObject>, 'schema' | 'foreign'>

function failIssue(place: Place, root: Node | undefined, issues: readonly Issue[], about: About): never {
  // A mistyped key is the reason for the one that is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (!issue) return failAt(place, 0, 'cannot be read')
  const known = Object.entries(about.foreign ?? {}).find(([key]) => isUnknownAtTop(issue, key))
  if (known) failAt(place, keyOffset(root, known[0]), known[1])
  return failAt(place, issueOffset(root, issue), reasonOf(issue, Object.keys(about.schema.shape)))
}

const isUnknownAtTop = (issue: Issue, key: string) =>
  issue.code === 'unrecognized_keys' && issue.path.length === 0 && issue.keys.includes(key)

function issueOffset(root: Node | undefined, issue: Issue): number {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return keyOffset(nodeAt(root, path), issue.keys[0] ?? '')
  if (issue.code === 'invalid_key') return keyOffset(nodeAt(root, path.slice(0, -1)), String(path.at(-1)))
  return offsetOf(root, path)
}

function reasonOf(issue: Issue, keys: readonly string[]): string {
  const { path } = issue
  if (issue.code === 'unrecognized_keys')
    return `unknown key "${issue.keys[0]}"${meant(path, issue.keys[0] ?? '', keys)}`
  if (issue.code === 'invalid_key')
    return `${path.slice(0, -1).join('.')}: "${String(path.at(-1))}" ${issue.issues[0]?.message}`
  const at = path.map(String).join('.')
  return at ? `${at}: ${lowered(issue.message)}` : lowered(issue.message)
}

const lowered = (message: string) =>
  message.replace(/^Invalid input: /, '').replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase())

/** Only keys of the top are guessed: there are many of them. */
function meant(path: readonly PropertyKey[], key: string, keys: readonly string[]): string {
  const near = path.length === 0 ? nearest(key, keys) : undefined
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
