import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { nearest } from '../place.ts'
import { fail } from '../read.ts'
import type { Fate } from './keys.ts'
import { type Composed, type Member, warn } from './values.ts'

/** Speaks of every key that nobody reads; a key that Compose does not know is refused. */
export function sayUnused(
  composed: Composed,
  members: ReadonlyMap<string, Member>,
  read: readonly string[],
  fates: ReadonlyMap<string, Fate>,
  path: string,
): void {
  for (const [name, { key, value }] of members) {
    if (read.includes(name) || name.startsWith('x-')) continue
    const fate = fates.get(name) ?? fail(composed.place, key, unknown(name, [...read, ...fates.keys()]))
    if (fate === 'silent' || isEmpty(value)) continue
    const where = `${path}${name}`
    if (fate.refuses) fail(composed.place, key, `${where} is not possible here: ${fate.says}`)
    warn(composed, key, `${where} is not used${fate.says && `: ${fate.says}`}`)
  }
}

const isEmpty = (node: Node) =>
  isScalar(node) ? node.value === null || node.value === false : (isMap(node) || isSeq(node)) && node.items.length === 0

function unknown(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return `unknown key ${JSON.stringify(name)}; ${near ? `did you mean "${near}"?` : 'Compose has no such key'}`
}
