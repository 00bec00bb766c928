import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Place } from '../place.ts'
import { fail, pairs, plain, reader } from '../read.ts'
import type { TemplateValue, TemplateValues } from './template.ts'

export type Members = ReadonlyMap<string, { readonly key: Node; readonly value: Node }>

export const membersOf = (place: Place, node: Node): Members =>
  new Map(pairs(place, node).map(([name, key, value]) => [name, { key, value }]))

/** Text of any form that may be empty. */
export const script = reader({ type: ['string', 'null'] }, (place, node): string =>
  isScalar(node) && node.value === null ? '' : plain(place, node),
)

/** All keys of a file, for its templates; lists have no text. */
export function templateValues(place: Place, members: Members): TemplateValues {
  return Object.fromEntries([...members].map(([name, { value }]) => [name, templateValue(place, value)] as const))
}

function templateValue(place: Place, node: Node): TemplateValue {
  if (isAlias(node)) return fail(place, node, 'aliases are not supported')
  if (isMap(node)) return templateValues(place, membersOf(place, node))
  if (isSeq(node)) return {}
  return script(place, node)
}

export type Template = { readonly path: string; readonly node: Node; readonly text: string }

const mostFiles = 50

/** `files`: absolute path → text. */
export function filesOf(place: Place, node: Node): Template[] {
  const found = pairs(place, node)
  if (found.length > mostFiles) fail(place, node, `has more than ${mostFiles} files`)
  return found.map(([path, key, value]) => ({
    path: containerPath(place, key, path),
    node: value,
    text: script(place, value),
  }))
}

const code = ['/var/www/', '/usr/share/nginx/html/']

/** Where Upscale had the code, it is /app now. */
function containerPath(place: Place, key: Node, raw: string): string {
  const valid = /^\/[\w@+./-]{1,254}$/.test(raw) && !raw.split('/').includes('..') && !raw.endsWith('/')
  if (!valid) fail(place, key, 'must be the absolute path of a file, of letters, digits and _ @ + . -')
  const path = raw.replace(/\/(?:\.?\/)+/g, '/')
  if (/^\/(?:proc|sys|dev)\//.test(path)) fail(place, key, 'must not lie in /proc, /sys or /dev')
  const old = code.find((folder) => path.startsWith(folder))
  return old ? `/app/${path.slice(old.length)}` : path
}
