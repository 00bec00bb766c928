import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Place } from '../place.ts'
import { fail, pairs, plain } from '../read.ts'
import type { Warnings } from '../warnings.ts'
import { BadInterpolation, type Interpolated, interpolate } from './interpolate.ts'
import { wordsOf } from './words.ts'

/** A compose file and what its variables and paths are seen from. */
export type Composed = {
  readonly place: Place
  /** The folder of the repository that it lies in; empty for the root. */
  readonly folder: string
  /** What `${NAME}` stands for: the repository's own `.env`, and nothing else. */
  readonly variables: ReadonlyMap<string, string>
  /** The text of a file of the repository. */
  readonly lookup: Lookup
  readonly warnings: Warnings
}

export type Lookup = (path: string) => string | undefined

export const warn = ({ place }: Composed, node: Node, message: string) => place.warn(message, node.range?.[0])

export const isNull = (node: Node) => isScalar(node) && node.value === null

/** A text with its variables replaced, and those that are nowhere set. */
export function interpolated({ place, variables }: Composed, at: Node, raw: string): Interpolated {
  try {
    return interpolate(raw, variables)
  } catch (error) {
    if (error instanceof BadInterpolation) return fail(place, at, error.message)
    throw error
  }
}

export const textOf = (composed: Composed, node: Node) => filled(composed, node, plain(composed.place, node))

export function filled(composed: Composed, at: Node, raw: string): string {
  const { text, missing } = interpolated(composed, at, raw)
  for (const { name, demand } of missing) {
    if (demand !== undefined) fail(composed.place, at, `${name} is not set in .env${demand && `: ${demand}`}`)
    warn(composed, at, `${name} is not set in .env, and so left empty`)
  }
  return text
}

/** One text, or a list of them. */
export const textsOf = (composed: Composed, node: Node): string[] =>
  isSeq(node) ? itemsOf(composed, node).map((item) => textOf(composed, item)) : [textOf(composed, node)]

/** A command as a line or as words; nothing where the file says null. */
export function commandOf(composed: Composed, node: Node): readonly string[] | undefined {
  if (isNull(node)) return undefined
  if (isSeq(node)) return textsOf(composed, node)
  return wordsOf(textOf(composed, node)) ?? fail(composed.place, node, 'a quote is not closed')
}

export function itemsOf({ place }: Composed, node: Node): Node[] {
  if (!isSeq(node)) return fail(place, node, 'must be a list')
  return node.items.map((item) =>
    isScalar(item) || isMap(item) || isSeq(item) ? item : fail(place, node, 'has no value'),
  )
}

export type Member = { readonly key: Node; readonly value: Node }

export const membersOf = ({ place }: Composed, node: Node): Map<string, Member> =>
  new Map(pairs(place, node).map(([name, key, value]) => [name, { key, value }]))

/** `raw` is nothing for a name that has no value. */
export type Assignment = { readonly name: string; readonly raw: string | undefined; readonly at: Node }

/** `A: x`, or `A=x` in a list. */
export function assignmentsOf(composed: Composed, node: Node): Assignment[] {
  if (isNull(node)) return []
  if (!isSeq(node)) {
    return pairs(composed.place, node).map(([name, at, value]) => ({
      name,
      raw: isNull(value) ? undefined : plain(composed.place, value),
      at,
    }))
  }
  return itemsOf(composed, node).map((at) => {
    const line = plain(composed.place, at)
    const equals = line.indexOf('=')
    return equals < 0
      ? { name: line, raw: undefined, at }
      : { name: line.slice(0, equals), raw: line.slice(equals + 1), at }
  })
}

export function wholeOf(composed: Composed, node: Node, least: number, most: number): number {
  const text = textOf(composed, node)
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  const fits = value >= least && value <= most
  return fits ? value : fail(composed.place, node, `must be a whole number from ${least} to ${most}`)
}

export function flagOf(composed: Composed, node: Node): boolean {
  const text = textOf(composed, node).toLowerCase()
  if (['true', 'yes', 'on'].includes(text)) return true
  return ['false', 'no', 'off'].includes(text) ? false : fail(composed.place, node, 'must be true or false')
}

const units: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `1m30s`, `500ms`; gives milliseconds. */
export function durationOf(composed: Composed, node: Node, mostMs: number): number {
  const text = textOf(composed, node)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)]
  if (text === '' || parts.map(([part]) => part).join('') !== text)
    fail(composed.place, node, 'must be a time, like 30s or 1m30s')
  const value = Math.round(parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * (units[unit ?? ''] ?? 0), 0))
  return value <= mostMs ? value : fail(composed.place, node, `must be at most ${mostMs / 1_000} s`)
}

const sizes: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
}

/** `512m`, `1gb`, or a number of bytes; gives megabytes. */
export function memoryOf(composed: Composed, node: Node): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(textOf(composed, node).toLowerCase()) ?? []
  const bytes = Number(digits) * (sizes[unit] ?? Number.NaN)
  if (Number.isNaN(bytes)) fail(composed.place, node, 'must be a size, like 512m or 1gb')
  const value = Math.round(bytes / 1024 ** 2)
  const fits = value >= 16 && value <= 1_048_576
  return fits ? value : fail(composed.place, node, 'must be between 16m and 1024gb')
}

export function cpuOf(composed: Composed, node: Node): number {
  const text = textOf(composed, node)
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return value >= 0.05 && value <= 256 ? value : fail(composed.place, node, 'must be a number from 0.05 to 256')
}

/** A path of the repository, as it is written in a folder of it; `.` is the root. */
export function insideOf(composed: Composed, node: Node, folder: string, raw: string): string {
  const outside = () => fail(composed.place, node, 'must be a path inside the repository')
  if (raw === '' || raw.startsWith('/') || raw.startsWith('~') || /[\p{Cc}\\]/u.test(raw)) outside()
  const parts: string[] = []
  for (const part of [...folder.split('/'), ...raw.split('/')]) {
    if (part === '..') parts.length === 0 ? outside() : parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/') || '.'
}
