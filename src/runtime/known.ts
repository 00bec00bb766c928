import { fileURLToPath } from 'node:url'
import { type Broken, type Found, ownFiles } from '../lib/ownFiles.ts'
import { readRuntime } from './read.ts'
import type { Runtime } from './schema.ts'

export type Listed = {
  readonly runtime: Runtime
  /** Came with Berth, or is the operator's. */
  readonly origin: 'shipped' | 'own'
  readonly text: string
}

export type Known = {
  /** In the order in which they are tried. */
  readonly listed: readonly Listed[]
  readonly broken: readonly Broken[]
}

const look = ownFiles({
  shipped: fileURLToPath(new URL('../../runtimes/', import.meta.url)),
  prefix: 'runtimes',
  read: readRuntime,
})
const known = new WeakMap<Found<Runtime>, Known>()

/** What came with Berth and what the operator put into a folder, whose files win. The same object until a file changes. */
export function runtimesIn(folder?: string): Known {
  const found = look(folder)
  const before = known.get(found)
  if (before) return before
  const listed = found.listed.map(({ value, origin, text }) => ({ runtime: value, origin, text }))
  const sorted = { listed: listed.toSorted((a, b) => a.runtime.order - b.runtime.order), broken: found.broken }
  known.set(found, sorted)
  return sorted
}
