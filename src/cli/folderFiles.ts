import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Files, parentsOf } from '../runtime/files.ts'
import { folderAt, pathsIn } from './pack.ts'

/** A folder as a deploy would send it; links are no files, as in a build. */
export async function filesIn(folder: string): Promise<Files> {
  const root = await folderAt(folder)
  const all = (await pathsIn(root)).toSorted()
  const kinds = await Promise.all(all.map((path) => lstat(join(root, path)).catch(() => undefined)))
  const files = all.filter((_, index) => kinds[index]?.isFile())
  const plain = new Set(files)
  return {
    files,
    paths: new Set([...all, ...all.flatMap(parentsOf)]),
    text: async (path) => (plain.has(path) ? readFile(join(root, path), 'utf8') : undefined),
  }
}
