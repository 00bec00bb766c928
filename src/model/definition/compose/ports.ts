import { isMap, isSeq, type Node } from 'yaml'
import { fail } from '../read.ts'
import { type Composed, itemsOf, type Member, membersOf, textOf, warn } from './values.ts'

const mostPort = 65_535

/** The TCP ports that a service listens on: of `ports` what stands on the right, then of `expose`. */
export function portsOf(composed: Composed, members: ReadonlyMap<string, Member>): number[] {
  const listed = ['ports', 'expose'].flatMap((key) => {
    const node = members.get(key)?.value
    return node && isSeq(node) ? itemsOf(composed, node) : node ? [fail(composed.place, node, 'must be a list')] : []
  })
  return [...new Set(listed.flatMap((node) => portOf(composed, node)))]
}

function portOf(composed: Composed, node: Node): number[] {
  const { target, protocol } = isMap(node) ? long(composed, node) : short(composed, node)
  const [first = '', last] = target.split('-')
  const port = /^\d{1,5}$/.test(first) ? Number(first) : 0
  if (port < 1 || port > mostPort) fail(composed.place, node, 'must be a port from 1 to 65535')
  if (last !== undefined && last !== first) warn(composed, node, `of the ports ${target} only ${first} is looked at`)
  if (protocol === 'tcp') return [port]
  warn(composed, node, `${port}/${protocol} is not reachable: the router speaks HTTP`)
  return []
}

type Written = { readonly target: string; readonly protocol: string }

function short(composed: Composed, node: Node): Written {
  const [mapping = '', protocol = 'tcp'] = textOf(composed, node).split('/')
  return { target: mapping.slice(mapping.lastIndexOf(':') + 1), protocol }
}

function long(composed: Composed, node: Node): Written {
  const members = membersOf(composed, node)
  const target = members.get('target')?.value ?? fail(composed.place, node, 'has no "target"')
  const protocol = members.get('protocol')?.value
  return { target: textOf(composed, target), protocol: protocol ? textOf(composed, protocol) : 'tcp' }
}
