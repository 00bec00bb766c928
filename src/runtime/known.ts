import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readRuntime } from './read.ts'
import type { Runtime } from './schema.ts'

export type Listed = {
  readonly runtime: Runtime
  /** Came with Berth, or is the operator's. */
  readonly origin: 'shipped' | 'own'
  readonly text: string
}

/** A file of the operator that cannot be used, and so the runtime of its name. */
export type Broken = { readonly name: string; readonly file: string; readonly reason: string }

export type Known = {
  /** In the order in which they are tried. */
  readonly listed: readonly Listed[]
  readonly broken: readonly Broken[]
}

const shippedFolder = fileURLToPath(new URL('../../runtimes/', import.meta.url))
const read = new Map<string, { readonly mark: string; readonly known: Known }>()

/** What came with Berth and what the operator put into a folder, whose files win. The same object until a file changes. */
export function runtimesIn(folder?: string): Known {
  const mark = folder ? markOf(folder) : ''
  const before = read.get(folder ?? '')
  if (before?.mark === mark) return before.known
  const known = knownIn(folder)
  read.set(folder ?? '', { mark, known })
  return known
}

function knownIn(folder: string | undefined): Known {
  const own = folder ? yamlFiles(folder).map((file) => ownFrom(join(folder, file))) : []
  const good = own.filter((found) => 'runtime' in found)
  const replaced = new Set(good.map(({ runtime }) => runtime.name))
  const listed = [...shipped().filter(({ runtime }) => !replaced.has(runtime.name)), ...good]
  return {
    listed: listed.toSorted((a, b) => a.runtime.order - b.runtime.order),
    broken: own.filter((found) => 'reason' in found),
  }
}

let shippedOnce: readonly Listed[] | undefined

/** Read once: an upgrade puts new files there, which the program that still runs may not understand. */
function shipped(): readonly Listed[] {
  shippedOnce ??= yamlFiles(shippedFolder).map((file) => {
    const text = readFileSync(join(shippedFolder, file), 'utf8')
    return { runtime: readRuntime(`runtimes/${file}`, text), origin: 'shipped', text }
  })
  return shippedOnce
}

function ownFrom(file: string): Listed | Broken {
  try {
    const text = readFileSync(file, 'utf8')
    return { runtime: readRuntime(file, text), origin: 'own', text }
  } catch (error) {
    return { name: nameOf(file), file, reason: error instanceof Error ? error.message : String(error) }
  }
}

const nameOf = (file: string) => file.replace(/^.*\//, '').replace(/\.ya?ml$/, '')

/** `.yml` is taken up too, to be told that it must be `.yaml`. */
const yamlFiles = (folder: string) => names(folder).filter((name) => /^[^.].*\.ya?ml$/.test(name))

/** A folder that is not there has no files. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}

/** Changes with every file that is written, added or removed. */
const markOf = (folder: string) =>
  yamlFiles(folder)
    .map((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false })
      return [name, found?.mtimeMs, found?.size, found?.ino].join(':')
    })
    .join('/')
