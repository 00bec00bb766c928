import type { Node } from 'yaml'
import { refuse } from '../../refusal.ts'
import type { Place } from '../place.ts'
import { checked, fail, pairs, type Read } from '../read.ts'
import { isNull } from './document.ts'
import { appHome } from './metadata.ts'
import { string } from './values.ts'

/** Files by their absolute path; a relative one is seen from the app's home. */
export const files: Read<Record<string, string>> = (place, node) => {
  const found: Record<string, string> = {}
  for (const [name, key, value] of isNull(node) ? [] : pairs(place, node)) {
    const path = checked(place, key, () => filePath(name))
    refuseClash(place, key, path, Object.keys(found))
    found[path] = string(place, value)
  }
  return found
}

function refuseClash(place: Place, key: Node, path: string, before: readonly string[]): void {
  const clash = before.find((other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`))
  if (clash === path) fail(place, key, `the file ${path} is named twice`)
  if (clash) fail(place, key, `${clash} and ${path} cannot both be files`)
}

/** Folders that a build step has from the machine that it runs on. */
const notOurs = new Set(['dev', 'proc', 'sys', 'run'])

function filePath(raw: string): string {
  const wrong = (reason: string) => refuse('INVALID', `the path ${JSON.stringify(raw.slice(0, 100))}`, reason)
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(raw)) wrong('has a control character')
  if (raw.length > 1_024) wrong('is longer than 1024 characters')
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) wrong('leads out with ".."')
  if (parts.length === 0 || raw.endsWith('/')) wrong('names no file')
  if (!raw.startsWith('/')) return `${appHome}/${parts.join('/')}`
  if (notOurs.has(parts[0] ?? '')) wrong(`lies in /${parts[0]}, which no image keeps`)
  return `/${parts.join('/')}`
}
