import { type Scope, scopeOf, scopes } from '../model/variables.ts'
import { UsageError } from './usage.ts'

/** No scope: the file says nothing of it. */
export type Entry = { readonly value: string; readonly scope?: Scope }

/**
 * Reads NAME=value lines as dotenv files have them: `export` in front, comments, values bare, in '…' (as they are) or in
 * "…" (with \n, \t, \r, \\, \", \$); quoted values may span lines. Nothing is ever expanded. A comment `# scope: build`
 * is for the lines that follow it.
 */
export function parseDotenv(text: string, file: string): Record<string, Entry> {
  const entries = new Map<string, Entry>()
  const scanner: Scanner = { text: text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'), at: 0 }
  while (scanner.at < scanner.text.length) {
    const entry = nextEntry(scanner, file)
    if (entry) entries.set(...entry)
  }
  return Object.fromEntries(entries)
}

type Scanner = { readonly text: string; at: number; scope?: Scope }

const blank = /[ \t]*(?:#(?<comment>[^\n]*))?(?:\n|$)/y
const assignment = /[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/y
const single = /'(?<value>[^']*)'/y
const double = /"(?<value>(?:[^"\\]|\\[\s\S])*)"/y
const bare = /(?<value>[^\n]*)/y

function nextEntry(scanner: Scanner, file: string): [string, Entry] | undefined {
  const empty = match(scanner, blank)
  if (empty) return void noteScope(scanner, empty.comment)
  const [name, value] = nextValue(scanner, file)
  return [name, { value, ...(scanner.scope && { scope: scanner.scope }) }]
}

function noteScope(scanner: Scanner, comment = '') {
  const scope = /^ scope: (\w+)$/.exec(comment.trimEnd())?.[1]
  if (scope) scanner.scope = scopeOf(scope)
}

function nextValue(scanner: Scanner, file: string): [name: string, value: string] {
  const line = lineOf(scanner)
  const name = match(scanner, assignment)?.name
  if (name === undefined) throw new UsageError(`${file}:${line}: expected NAME=value`)
  const quoted = match(scanner, single)?.value ?? unquoted(match(scanner, double)?.value)
  if (quoted === undefined) return [name, bareValue(scanner, file, line)]
  if (!match(scanner, blank)) throw new UsageError(`${file}:${line}: text after the closing quote of ${name}`)
  return [name, quoted]
}

function bareValue(scanner: Scanner, file: string, line: number): string {
  const value = match(scanner, bare)?.value ?? ''
  if (/^['"]/.test(value)) throw new UsageError(`${file}:${line}: the quote is not closed`)
  scanner.at++
  return value.replace(/(?:^|\s)#.*$/, '').trimEnd()
}

function match(scanner: Scanner, pattern: RegExp): Record<string, string> | undefined {
  pattern.lastIndex = scanner.at
  const found = pattern.exec(scanner.text)
  if (!found) return undefined
  scanner.at = pattern.lastIndex
  return found.groups ?? {}
}

const lineOf = ({ text, at }: Scanner) => text.slice(0, at).split('\n').length

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' }

const unquoted = (value: string | undefined) =>
  value?.replace(/\\([ntr"\\$])/g, (_, character: string) => escapes[character] ?? character)

type Scoped = Readonly<Record<string, { readonly value: string; readonly scope: Scope }>>

/** The same format again: parseDotenv gives back what went in. */
export const formatDotenv = (variables: Scoped): string[] => scopes.flatMap((scope) => section(variables, scope))

/** What containers see stands first, as such a file has always had it. */
function section(variables: Scoped, scope: Scope): string[] {
  const lines = Object.entries(variables)
    .filter(([, variable]) => variable.scope === scope)
    .map(([name, { value }]) => `${name}=${formatValue(value)}`)
  return scope === 'run' || lines.length === 0 ? lines : [`# scope: ${scope}`, ...lines]
}

function formatValue(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value
  if (!/['\r]/.test(value)) return `'${value}'`
  return `"${value
    .replace(/["\\$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')}"`
}
