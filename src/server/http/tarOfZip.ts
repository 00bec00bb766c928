import type { FileHandle } from 'node:fs/promises'
import { encodeHeader, padding, tarEnd } from '../../lib/tarHeader.ts'
import { type ZipEntry, zipEntries } from '../../lib/zip.ts'
import { uploadLimits } from '../../model/limits.ts'

const limits = { entries: 100_000, bytes: uploadLimits.unpackedMb * 1_048_576 }

/** The files of a zip file as a tar file. */
export async function* tarOfZip(file: FileHandle): AsyncGenerator<Buffer> {
  for (const entry of await zipEntries(file, limits)) yield* memberOf(entry)
  yield tarEnd
}

async function* memberOf({ path, kind, executable, size, modifiedAt, content }: ZipEntry): AsyncGenerator<Buffer> {
  const isFolder = kind === 'directory'
  const mtime = modifiedAt.getTime() / 1000 || 0
  yield encodeHeader({
    path: isFolder ? `${path}/` : path,
    type: isFolder ? '5' : '0',
    mode: isFolder || executable ? 0o755 : 0o644,
    size,
    mtime,
  })
  if (isFolder) return
  yield* content()
  yield padding(size)
}
