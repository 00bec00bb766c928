import { type FileHandle, open } from 'node:fs/promises'
import { refuse } from '../../model/refusal.ts'
import type { Files } from '../../runtime/files.ts'
import { type Bytes, readTar } from './tar.ts'
import { Tree } from './tree.ts'

/** The tree of a tar file, looked through and never unpacked. */
export type Source = {
  readonly tree: Tree
  /** Raw bytes of the tar file; an entry knows its own offset and size. */
  readonly bytes: Bytes
  readonly close: () => Promise<void>
}

/** Opens a tar file and checks every member of it before anything is used. Throws SOURCE. */
export async function openSource(path: string): Promise<Source> {
  const handle = await open(path, 'r')
  try {
    const bytes = windowOf(handle)
    await refuseCompressed(bytes)
    const tree = new Tree()
    for await (const member of readTar(bytes)) tree.add(member)
    tree.check()
    await refuseTruncated(tree, handle)
    return { tree, bytes, close: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const mostText = 1_048_576

/** The text of one file at a path, or nothing when there is no such file. */
export async function textOf({ tree, bytes }: Source, path: string): Promise<string | undefined> {
  const entry = tree.file(path)
  if (!entry) return undefined
  if (entry.size > mostText) refuse('SOURCE', `${path} is larger than 1 MiB`)
  return (await bytes.read(entry.offset, entry.size)).toString('utf8')
}

/** A source as runtimes look at it. */
export const filesOf = (source: Source): Files => ({
  files: source.tree.files,
  paths: new Set(source.tree.entries.keys()),
  text: (path) => textOf(source, path),
})

const windowSize = 1_048_576

/** Reads in large pieces: headers and small files mostly come from the piece read last. */
function windowOf(handle: FileHandle): Bytes {
  let start = 0
  let piece: Buffer = Buffer.alloc(0)
  return {
    async read(offset, length) {
      const inPiece = offset >= start && offset + length <= start + piece.length
      if (!inPiece) {
        piece = await readAt(handle, offset, Math.max(length, windowSize))
        start = offset
      }
      return piece.subarray(offset - start, offset - start + length)
    },
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

async function refuseCompressed(bytes: Bytes): Promise<void> {
  const magic = (await bytes.read(0, 4)).toString('hex')
  const compressed = ['1f8b', '425a68', 'fd377a58', '28b52ffd'].some((start) => magic.startsWith(start))
  if (compressed) refuse('SOURCE', 'the tar file is compressed; send it plain')
  if (magic.startsWith('504b')) refuse('SOURCE', 'it is a zip file; send a tar file')
}

async function refuseTruncated(tree: Tree, handle: FileHandle): Promise<void> {
  const { size } = await handle.stat()
  if (tree.end > size) refuse('SOURCE', 'the tar file ends too early')
}
