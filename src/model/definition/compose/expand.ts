import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, Pair, YAMLMap, YAMLSeq } from 'yaml'
import type { Place } from '../place.ts'
import { fail } from '../read.ts'

const mostDeep = 60
const mostMerged = 10_000

/**
 * The same tree without aliases and merge keys (`<<`). What an alias stands for is shared, not copied, so a small file
 * cannot become a large one; what is merged is counted.
 */
export function expanded(place: Place, root: Node): Node {
  return new Expansion(place).node(root, 0)
}

class Expansion {
  readonly #place: Place
  /** What each anchor stands for; later ones of a name replace it, as YAML says. */
  readonly #anchors = new Map<string, Node>()
  #merged = 0

  constructor(place: Place) {
    this.#place = place
  }

  node(node: Node, depth: number): Node {
    if (depth > mostDeep) return fail(this.#place, node, 'nested too deeply')
    if (isAlias(node)) {
      return (
        this.#anchors.get(node.source) ?? fail(this.#place, node, `no anchor "${node.source}" stands before this alias`)
      )
    }
    const result = isMap(node) ? this.#map(node, depth) : isSeq(node) ? this.#seq(node, depth) : node
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, result)
    return result
  }

  #seq(node: YAMLSeq, depth: number): Node {
    const result = new YAMLSeq()
    result.items = node.items.map((item) => (isNode(item) ? this.node(item, depth + 1) : item))
    return this.#placed(result, node)
  }

  #map(node: YAMLMap, depth: number): Node {
    const own = node.items.map(({ key, value }) => new Pair(key, isNode(value) ? this.node(value, depth + 1) : value))
    const [merges, plain] = [own.filter(isMerge), own.filter((pair) => !isMerge(pair))]
    const names = new Set(plain.map(nameOf))
    const inherited = merges.flatMap(({ value }) => this.#mergedFrom(value, node, names))
    const result = new YAMLMap()
    result.items = [...plain, ...inherited]
    return this.#placed(result, node)
  }

  /** Pairs whose names are not there yet; of several maps, the first that has a name counts. */
  #mergedFrom(value: unknown, at: Node, names: Set<unknown>): Pair[] {
    const maps = isSeq(value) ? value.items : [value]
    return maps.flatMap((map) => {
      if (!isMap(map)) return fail(this.#place, isNode(map) ? map : at, '"<<" merges maps only')
      this.#merged += map.items.length
      if (this.#merged > mostMerged) fail(this.#place, at, 'the aliases make too much of it')
      const fresh = map.items.filter((pair) => !names.has(nameOf(pair)))
      for (const pair of fresh) names.add(nameOf(pair))
      return fresh
    })
  }

  #placed(result: YAMLMap | YAMLSeq, from: Node): Node {
    result.range = from.range ?? null
    return result
  }
}

const nameOf = (pair: Pair): unknown => (isPair(pair) && isScalar(pair.key) ? pair.key.value : pair)

const isMerge = (pair: Pair) => nameOf(pair) === '<<'
