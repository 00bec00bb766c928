import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, YAMLMap } from 'yaml'
import type { Place } from '../place.ts'
import { fail, yamlDocument } from '../read.ts'

/**
 * The root of a YAML 1.1 file, which is what uPaaS read: with anchors, aliases and merge keys, all of them already
 * followed. Each mistake is refused at its position, every tag but the plain ones too.
 */
export function aliasedRoot(place: Place): Node | undefined {
  const { contents } = yamlDocument(place, { version: '1.1' })
  return contents ? new Flattening(place).node(contents) : undefined
}

/** Replaces aliases by what they stand for, in place. An anchor comes before its aliases, so each is followed once. */
class Flattening {
  readonly #place: Place
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  #steps = 0

  constructor(place: Place) {
    this.#place = place
  }

  node(node: Node): Node {
    if (isAlias(node)) return this.#target(node)
    if (node.anchor) this.#anchors.set(node.anchor, node)
    if (++this.#steps > 20_000) fail(this.#place, node, 'too many values in one file')
    if (isSeq(node)) this.#inside(node, () => (node.items = node.items.map((item) => this.#value(item))))
    if (isMap(node)) this.#inside(node, () => this.#map(node))
    return node
  }

  #inside(node: Node, work: () => void): void {
    this.#open.add(node)
    work()
    this.#open.delete(node)
  }

  #value(value: unknown): unknown {
    return isNode(value) ? this.node(value) : value
  }

  #map(map: YAMLMap): void {
    for (const pair of map.items) {
      pair.key = this.#value(pair.key)
      pair.value = this.#value(pair.value)
    }
    const merged = map.items.filter(isMerge).flatMap(({ value }) => this.#mergedInto(map, value))
    map.items = map.items.filter((pair) => !isMerge(pair))
    for (const pair of merged) if (!has(map, pair)) map.items.push(pair)
  }

  #mergedInto(map: YAMLMap, value: unknown): Pair[] {
    const from = isSeq(value) ? value.items : [value]
    return from.flatMap((one) =>
      isMap(one) ? one.items : fail(this.#place, map, '"<<" takes a map, or a list of maps'),
    )
  }

  #target(alias: Alias): Node {
    const target = this.#anchors.get(alias.source)
    if (!target) return fail(this.#place, alias, 'this alias stands for nothing')
    return this.#open.has(target) ? fail(this.#place, alias, 'this alias stands inside of what it stands for') : target
  }
}

/** The YAML parser reads the key `<<` as a symbol. */
const isMerge = ({ key }: Pair) => isScalar(key) && typeof key.value === 'symbol' && key.value.description === '<<'

const nameOf = ({ key }: Pair) => (isScalar(key) ? String(key.value) : undefined)
const has = (map: YAMLMap, pair: Pair) => map.items.some((one) => nameOf(one) === nameOf(pair))

/**
 * Sections whose keys stand on the level of the section's own name, as in an example of uPaaS's documentation: each
 * empty section takes the keys up to the next one. Says whether it had to.
 */
export function indented(map: YAMLMap, sections: readonly string[]): boolean {
  const isEmpty = (name: string) => map.items.some((pair) => nameOf(pair) === name && isNull(pair.value))
  if (!isEmpty('interpreter') || !isEmpty('repository')) return false
  const items: Pair[] = []
  let section: Pair | undefined
  for (const pair of map.items) {
    const begins = sections.includes(nameOf(pair) ?? '')
    if (begins) section = isNull(pair.value) ? pair : undefined
    if (section && !begins) adopt(section, pair)
    else items.push(pair)
  }
  map.items = items
  return true
}

function adopt(section: Pair, pair: Pair): void {
  const held = isMap(section.value) ? section.value : new YAMLMap()
  if (isNode(section.key) && section.key.range) held.range = section.key.range
  held.items.push(pair)
  section.value = held
}

export const isNull = (value: unknown) => value === null || (isScalar(value) && value.value === null)
