import { UsageError } from './usage.ts'

/**
 * Reads NAME=value lines as dotenv files have them: `export` in front, comments, values bare, in '…' (as they are) or in
 * "…" (with \n, \t, \r, \\, \", \$); quoted values may span lines. Nothing is ever expanded.
 */
export function parseDotenv(text: string, file: string): Record<string, string> {
  const entries = new Map<string, string>()
  const scanner = { text: text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'), at: 0 }
  while (scanner.at < scanner.text.length) {
    const entry = nextEntry(scanner, file)
    if (entry) entries.set(...entry)
  }
  return Object.fromEntries(entries)
}

type Scanner = { readonly text: string; at: number }

const blank = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y
const assignment = /[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/y
const single = /'(?<value>[^']*)'/y
const double = /"(?<value>(?:[^"\\]|\\[\s\S])*)"/y
const bare = /(?<value>[^\n]*)/y

function nextEntry(scanner: Scanner, file: string): [string, string] | undefined {
  if (match(scanner, blank)) return undefined
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

/** The same format again: parseDotenv gives back what went in. */
export const formatDotenv = (env: Readonly<Record<string, string>>) =>
  Object.entries(env).map(([name, value]) => `${name}=${formatValue(value)}`)

function formatValue(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value
  if (!/['\r]/.test(value)) return `'${value}'`
  return `"${value
    .replace(/["\\$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')}"`
}
