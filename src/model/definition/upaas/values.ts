import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { type Place, position } from '../place.ts'
import { checked, fail, pairs, type Read } from '../read.ts'
import { isNull } from './document.ts'
import type { Position, Script } from './metadata.ts'

/** A section by its keys, each with the node of the key and that of the value. */
export type Section = ReadonlyMap<string, { readonly key: Node; readonly value: Node }>

const nothing: Section = new Map()

/** The keys of a map; an absent one has none. */
export function sectionOf(place: Place, node: Node | undefined): Section {
  if (!node || isNull(node)) return nothing
  return new Map(pairs(place, node).map(([name, key, value]) => [name, { key, value }]))
}

/** Text of any length; numbers and truth values are told apart from it, as uPaaS does. */
export const string: Read<string> = (place, node) => {
  const value = isScalar(node) ? node.value : undefined
  if (typeof value !== 'string') return fail(place, node, notText(node, value))
  return value.includes('\0') ? fail(place, node, 'must not contain a NUL byte') : value
}

function notText(node: Node, value: unknown): string {
  if (!isScalar(node)) return 'must be text'
  if (isNull(node)) return 'has no value; it must be text'
  const written = String(node.source ?? value)
  return `must be text, and ${written} is none for YAML: write "${written}"`
}

/** One command, or a list of them. */
export const script: Read<Script> = (place, node) => {
  const commands = isSeq(node)
    ? listOf(command, 'must be a command, or a list of commands')(place, node)
    : [command(place, node)]
  return commands.length > 0 ? commands : fail(place, node, 'is an empty list')
}

const command: Read<string> = (place, node) => {
  const text = string(place, node)
  return text.trim() === '' ? fail(place, node, 'is an empty command') : text
}

export const listOf =
  <T>(item: Read<T>, reason = 'must be a list'): Read<T[]> =>
  (place, node) => {
    if (isNull(node)) return []
    if (!isSeq<Node>(node)) return fail(place, node, reason)
    return node.items.map((entry) => item(place, entry ?? node))
  }

/** Names of the user's choice, each with a text. */
export const texts =
  (name: (raw: string) => string, value: (raw: string) => string = String): Read<Record<string, string>> =>
  (place, node) => {
    if (isNull(node)) return {}
    if (!isMap(node)) return fail(place, node, 'must be a map of keys and values')
    return Object.fromEntries(
      pairs(place, node).map(([raw, key, entry]) => {
        const text = string(place, entry)
        return [checked(place, key, () => name(raw)), checked(place, entry, () => value(text))]
      }),
    )
  }

export const positionOf = ({ text }: Place, { range }: Node): Position => position(text, range?.[0] ?? 0)

/** Says what is left out, so that nothing is dropped in silence. */
export function warnUnknown(place: Place, section: Section, where: string, known: readonly string[]): void {
  for (const [name, { key }] of section) {
    if (known.includes(name)) continue
    const { line } = positionOf(place, key)
    place.warn(`line ${line}: ${where}${JSON.stringify(name)} means nothing and is left out`)
  }
}
