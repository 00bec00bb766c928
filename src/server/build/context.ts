import { encodeHeader, padding, tarEnd } from '../../lib/tarHeader.ts'
import type { Source } from './source.ts'
import type { Entry } from './tree.ts'

/** What `docker build` gets on its standard input. */
export type Context = {
  /** Folder of the source that is taken, with its entries' paths seen from there; all of it unless said. */
  readonly root?: string
  /** Folder of the context that the source's files appear in; empty for its root. */
  readonly folder: string
  /** Which of the source's entries are taken. */
  readonly takes: (entry: Entry) => boolean
  /** Files of ours, by their path in the context. They replace the source's. */
  readonly files: Readonly<Record<string, string>>
}

const chunk = 1_048_576

/** The context as a tar stream, written anew: owner, modes and times are ours, names and contents the source's. */
export async function* contextTar(
  source: Source | undefined,
  { root = '.', folder, takes, files }: Context,
): AsyncGenerator<Buffer> {
  for (const [path, content] of Object.entries(files)) yield ourFile(path, content)
  for (const whole of source?.tree.entries.values() ?? []) {
    const entry = seenFrom(root, whole)
    if (!source || !entry || !takes(entry)) continue
    const path = folder ? `${folder}/${entry.path}` : entry.path
    if (!Object.hasOwn(files, path)) yield* theirs(source, { ...entry, path })
  }
  yield tarEnd
}

function seenFrom(root: string, entry: Entry): Entry | undefined {
  if (root === '.') return entry
  return entry.path.startsWith(`${root}/`) ? { ...entry, path: entry.path.slice(root.length + 1) } : undefined
}

function ourFile(path: string, content: string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([
    encodeHeader({ path, type: '0', mode: 0o644, size: bytes.length }),
    bytes,
    padding(bytes.length),
  ])
}

const types = { file: '0', folder: '5', link: '2' } as const

async function* theirs(source: Source, entry: Entry): AsyncGenerator<Buffer> {
  const { path, kind, size, mtime, target, offset } = entry
  const mode = kind === 'link' ? 0o777 : kind === 'folder' || entry.executable ? 0o755 : 0o644
  const header = encodeHeader({ path, type: types[kind], mode, size, mtime, target })
  if (size <= chunk) {
    yield Buffer.concat([header, await source.bytes.read(offset, size), padding(size)])
    return
  }
  yield header
  for (let at = 0; at < size; at += chunk) yield await source.bytes.read(offset + at, Math.min(chunk, size - at))
  yield padding(size)
}
