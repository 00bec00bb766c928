import { failAt, type Place } from '../place.ts'
import { BadInterpolation, interpolate } from './interpolate.ts'

const blank = /[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y
const assignment = /[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_]\w*)[ \t]*(?:=[ \t]*|(?=\r?(?:\n|$)))/y
const single = /'(?<value>[^']*)'/y
const double = /"(?<value>(?:[^"\\]|\\[\s\S])*)"/y
const bare = /(?<value>[^\n]*)/y

/** NAME=value lines, as Compose reads them: bare and "…" may use variables that stand before them, '…' is taken as it is. */
export function readEnvFile(place: Place, known: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const found = new Map<string, string>()
  const variables = new Map(known)
  let at = 0
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at
    const match = pattern.exec(place.text)
    if (match) at = pattern.lastIndex
    return match && (match.groups ?? {})
  }
  while (at < place.text.length) {
    if (take(blank)) continue
    const start = at
    const name = take(assignment)?.name ?? failAt(place, start, 'expected NAME=value')
    const value = valueAt(place, take, variables, start)
    if (!place.text.slice(start, at).includes('=')) continue
    found.set(name, value)
    variables.set(name, value)
  }
  return found
}

type Take = (pattern: RegExp) => Record<string, string> | null

function valueAt(place: Place, take: Take, variables: ReadonlyMap<string, string>, start: number): string {
  const literal = take(single)?.value
  if (literal !== undefined) return ended(place, take, start, literal)
  const quoted = take(double)?.value
  if (quoted !== undefined) return ended(place, take, start, filled(place, unescaped(quoted), variables, start))
  const value = take(bare)?.value?.replace(/\r$/, '') ?? ''
  if (/^['"]/.test(value)) failAt(place, start, 'the quote is not closed')
  return filled(place, value.replace(/(?:^|\s)#.*$/, '').trimEnd(), variables, start)
}

function ended(place: Place, take: Take, start: number, value: string): string {
  return take(blank) ? value : failAt(place, start, 'has text after the closing quote')
}

function filled(place: Place, value: string, variables: ReadonlyMap<string, string>, start: number): string {
  if (value.includes('\0')) failAt(place, start, 'must not contain a NUL byte')
  try {
    return interpolate(value, variables, true).text
  } catch (error) {
    return failAt(place, start, error instanceof BadInterpolation ? error.message : String(error))
  }
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', $: '$$' }

const unescaped = (value: string) =>
  value.replace(/\\([ntr"\\$])/g, (_, character: string) => escapes[character] ?? character)
