import { type Document, type DocumentOptions, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import { Refusal } from '../refusal.ts'
import { jsonErrorAt } from './json.ts'
import { failAt, nearest, type Place } from './place.ts'

/** Turns one node of a document into a value, or refuses it at its position. */
export type Read<T> = (place: Place, node: Node) => T
export type Schema = Readonly<Record<string, unknown>>
/** A reader that also says, as a JSON Schema, what it takes. */
export type Reader<T> = Read<T> & { readonly schema: Schema }
type Shape = Record<string, Read<unknown>>
type Values<S extends Shape> = { [K in keyof S]?: ReturnType<S[K]> }

export const mostText = 8_192

export const reader = <T>(schema: Schema, read: Read<T>): Reader<T> =>
  Object.assign((place: Place, node: Node) => read(place, node), { schema })

export const schemaOf = (read: Read<unknown>): Schema => ('schema' in read ? (read as Reader<unknown>).schema : {})

/** The same reader, of which the schema says more. */
export const said = <T>(more: string | Schema, read: Read<T>): Reader<T> =>
  reader({ ...schemaOf(read), ...(typeof more === 'string' ? { description: more } : more) }, read)

/** The root of a YAML file, or nothing when it is empty. A tag that is not YAML's own (`!include`) is refused. */
export function yamlRoot(place: Place): Node | undefined {
  return yamlDocument(place).contents ?? undefined
}

export function yamlDocument(place: Place, options: DocumentOptions = {}): Document.Parsed {
  const document = parsed(place, options)
  const [error] = document.errors
  if (error) failAt(place, error.pos[0], sentence(error.message))
  const [strange] = document.warnings
  if (strange) failAt(place, strange.pos[0], tagProblem(strange.message))
  return document
}

/** The root of a JSON file: strict JSON, with the positions that the YAML parser knows. */
export function jsonRoot(place: Place): Node | undefined {
  const wrongAt = jsonErrorAt(place.text)
  if (wrongAt !== undefined) failAt(place, wrongAt, 'not valid JSON')
  return yamlRoot(place)
}

function sentence(message: string): string {
  if (message.includes('call stack')) return 'nested too deeply'
  return (message.split('\n')[0] ?? message).replace(/ at line \d.*/, '')
}

function tagProblem(message: string): string {
  const tag = /^Unresolved tag: (\S+)/.exec(message)?.[1]?.replace('tag:yaml.org,2002:', '!!')
  return tag ? `the tag "${tag}" is not supported: nothing is included or made from here` : sentence(message)
}

function parsed(place: Place, options: DocumentOptions) {
  try {
    return parseDocument(place.text, { logLevel: 'error', ...options })
  } catch {
    return failAt(place, 0, 'nested too deeply')
  }
}

export const fail = (place: Place, node: Node, reason: string): never => failAt(place, node.range?.[0] ?? 0, reason)

/** Lets a check of `model/names` speak with the node's position. */
export function checked<T>(place: Place, node: Node, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof Refusal) fail(place, node, error.message)
    throw error
  }
}

export const text = reader({ type: 'string', pattern: '\\S', maxLength: mostText }, (place, node) => {
  const value = scalar(place, node)
  if (typeof value !== 'string' || value.trim() === '') return fail(place, node, 'must be text')
  return clean(place, node, value)
})

/** Text, or a number or truth value in its plain writing: what a variable may be set to. */
export const plain = reader({ type: ['string', 'number', 'boolean'] }, (place, node): string => {
  const value = scalar(place, node)
  if (typeof value === 'string') return clean(place, node, value)
  if (typeof value === 'number' || typeof value === 'boolean')
    return isScalar(node) ? (node.source ?? String(value)) : ''
  return fail(place, node, 'must be text, a number, or true or false')
})

export const flag = reader({ type: 'boolean' }, (place, node): boolean => {
  const value = scalar(place, node)
  return typeof value === 'boolean' ? value : fail(place, node, 'must be true or false')
})

export const whole = (least: number, most: number) =>
  reader({ type: 'integer', minimum: least, maximum: most }, (place, node): number => {
    const value = number(place, node)
    const fits = Number.isInteger(value) && value >= least && value <= most
    return fits ? value : fail(place, node, `must be a whole number from ${least} to ${most}`)
  })

export const decimal = (least: number, most: number) =>
  reader({ type: 'number', minimum: least, maximum: most }, (place, node): number => {
    const value = number(place, node)
    return value >= least && value <= most ? value : fail(place, node, `must be a number from ${least} to ${most}`)
  })

export const list = <T>(item: Read<T>): Reader<T[]> =>
  reader({ type: 'array', items: schemaOf(item) }, (place, node) =>
    isSeq(node)
      ? node.items.map((entry) => item(place, nodeOf(place, node, entry)))
      : fail(place, node, 'must be a list'),
  )

/** A map with names of the user's choice; the grammar is for the schema, the check for the reader. */
export const record = <T>(key: (raw: string) => string, value: Read<T>, grammar?: RegExp): Reader<Record<string, T>> =>
  reader(
    {
      type: 'object',
      ...(grammar && { propertyNames: { pattern: grammar.source } }),
      additionalProperties: schemaOf(value),
    },
    (place, node) =>
      Object.fromEntries(
        pairs(place, node).map(([name, keyNode, entry]) => [
          checked(place, keyNode, () => key(name)),
          value(place, entry),
        ]),
      ),
  )

/** A map with these keys only. */
export const shape = <S extends Shape>(
  known: S,
  elsewhere: Readonly<Record<string, string>> = {},
): Reader<Values<S>> => {
  const properties = Object.fromEntries(Object.entries(known).map(([name, read]) => [name, schemaOf(read)]))
  return reader({ type: 'object', properties, additionalProperties: false }, (place, node) => {
    const values: Record<string, unknown> = {}
    for (const [name, keyNode, entry] of pairs(place, node)) {
      const read = Object.hasOwn(known, name) ? known[name] : undefined
      values[name] = read ? read(place, entry) : fail(place, keyNode, unknownKey(name, Object.keys(known), elsewhere))
    }
    return values as Values<S>
  })
}

export const either = <A, B>(isFirst: (node: Node) => boolean, first: Read<A>, second: Read<B>): Reader<A | B> =>
  reader({ anyOf: [schemaOf(first), schemaOf(second)] }, (place, node) =>
    isFirst(node) ? first(place, node) : second(place, node),
  )

/** The pairs of a map, each with the node of its key. */
export function pairs(place: Place, node: Node): [name: string, key: Node, value: Node][] {
  if (!isMap(node))
    return fail(place, node, isAlias(node) ? 'aliases are not supported' : 'must be a map of keys and values')
  return node.items.map((pair) => {
    const key = nodeOf(place, node, pair.key)
    const name = isScalar(key) && key.value !== null ? String(key.value) : fail(place, key, 'a key must be plain text')
    return [name, key, nodeOf(place, key, pair.value)]
  })
}

export function unknownKey(
  name: string,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  const shown = JSON.stringify(name)
  const moved = Object.hasOwn(elsewhere, name) ? elsewhere[name] : nearest(name, known)
  return `unknown key ${shown}; ${moved ? `did you mean "${moved}"?` : `known here: ${known.join(', ')}`}`
}

function scalar(place: Place, node: Node): unknown {
  if (isScalar(node)) return node.value
  return fail(place, node, isAlias(node) ? 'aliases are not supported' : 'must be a single value')
}

function number(place: Place, node: Node): number {
  const value = scalar(place, node)
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(place, node, 'must be a number')
}

function nodeOf(place: Place, parent: Node, value: unknown): Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : fail(place, parent, 'has no value')
}

function clean(place: Place, node: Node, value: string): string {
  if (value.includes('\0')) fail(place, node, 'must not contain a NUL byte')
  if (value.length > mostText) fail(place, node, `is longer than ${mostText} characters`)
  return value
}
