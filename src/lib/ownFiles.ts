import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type Named<T> = {
  readonly value: T
  /** Came with Berth, or is the operator's. */
  readonly origin: 'shipped' | 'own'
  readonly text: string
}

/** A file of the operator that cannot be used, and so the thing of its name. */
export type Broken = { readonly name: string; readonly file: string; readonly reason: string }

export type Found<T> = { readonly listed: readonly Named<T>[]; readonly broken: readonly Broken[] }

type Kind<T> = {
  /** The folder of those that came with Berth; `prefix` stands before their names in messages. */
  readonly shipped: string
  readonly prefix: string
  readonly read: (file: string, text: string) => T
}

/**
 * What came with Berth and what the operator put into a folder, whose files win by their names. Gives the function that
 * looks: the same object until a file changes.
 */
export function ownFiles<T extends { readonly name: string }>(kind: Kind<T>): (folder?: string) => Found<T> {
  const read = new Map<string, { readonly mark: string; readonly found: Found<T> }>()
  let shipped: readonly Named<T>[] | undefined
  return (folder) => {
    // Read once: an upgrade puts new files there, which the program that still runs may not understand.
    shipped ??= yamlFiles(kind.shipped).map((file) => {
      const text = readFileSync(join(kind.shipped, file), 'utf8')
      return { value: kind.read(`${kind.prefix}/${file}`, text), origin: 'shipped', text }
    })
    const mark = folder ? markOf(folder) : ''
    const before = read.get(folder ?? '')
    if (before?.mark === mark) return before.found
    const found = joined(shipped, folder ? yamlFiles(folder).map((file) => ownFrom(kind, join(folder, file))) : [])
    read.set(folder ?? '', { mark, found })
    return found
  }
}

function joined<T extends { readonly name: string }>(
  shipped: readonly Named<T>[],
  own: readonly (Named<T> | Broken)[],
): Found<T> {
  const good = own.filter((found) => 'value' in found)
  const replaced = new Set(good.map(({ value }) => value.name))
  return {
    listed: [...shipped.filter(({ value }) => !replaced.has(value.name)), ...good],
    broken: own.filter((found) => 'reason' in found),
  }
}

function ownFrom<T>({ read }: Kind<T>, file: string): Named<T> | Broken {
  try {
    const text = readFileSync(file, 'utf8')
    return { value: read(file, text), origin: 'own', text }
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
