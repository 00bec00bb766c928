import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

type Limits = { readonly maxBytes: number; readonly maxFiles: number }

/** Bytes in folders, counted no further than twice the limits. */
export async function bytesOf(folders: readonly string[], limits: Limits): Promise<number> {
  const left = [...folders]
  let [bytes, files] = [0, 0]
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    const listed = await opendir(folder).catch(() => undefined)
    if (!listed) continue
    for await (const entry of listed) {
      const path = join(folder, entry.name)
      files += 1
      if (entry.isDirectory()) left.push(path)
      else bytes += (await lstat(path).catch(() => ({ size: 0 }))).size
      if (bytes > limits.maxBytes * 2 || files > limits.maxFiles * 5) return Number.POSITIVE_INFINITY
    }
  }
  return bytes
}
