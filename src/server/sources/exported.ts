import { lstat, open, opendir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DefinitionFiles, definitionFileNames, readDefinition } from '../../model/definition/definition.ts'
import { refuse } from '../../model/refusal.ts'
import { client } from './client.ts'
import type { Place } from './place.ts'

const mostDefinition = 128 * 1024

/** A tree that a client has written into a folder, as <into>/source.tar: the same checks as for a push, then tar as the user git. */
export async function packExported(place: Place, root: string, part: string, into: string): Promise<void> {
  const folder = part === '' ? root : join(root, part)
  if (!(await isFolder(root, part))) refuse('SOURCE', `there is no folder ${part} in it`)
  await survey(place, folder)
  readDefinition(await definitionIn(folder))
  const path = join(into, 'source.tar')
  const file = await open(`${path}.next`, 'w', 0o600)
  try {
    const options = ['--sort=name', '--format=posix', '--pax-option=delete=atime,delete=ctime']
    await client(['tar', '-C', folder, '-cf', '-', ...options, '.'], place, { into: file.fd })
    await file.sync()
    await rename(`${path}.next`, path)
  } catch (error) {
    await rm(into, { recursive: true, force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** Each step of the path: a link in it could lead out. */
async function isFolder(root: string, part: string): Promise<boolean> {
  let at = root
  for (const name of part === '' ? [] : part.split('/')) {
    at = join(at, name)
    if (!(await lstat(at).catch(() => undefined))?.isDirectory()) return false
  }
  return true
}

async function survey({ settings: { maxFiles, maxBytes } }: Place, root: string) {
  const left = [root]
  let [files, bytes] = [0, 0]
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) left.push(path)
      else bytes += (await lstat(path)).size
      files += 1
      if (files > maxFiles) refuse('TOO_LARGE', 'the tree of this revision', `${maxFiles} files`)
      if (bytes > maxBytes) refuse('TOO_LARGE', 'the files of this revision', `${Math.round(maxBytes / 2 ** 20)} MiB`)
    }
  }
}

async function definitionIn(folder: string): Promise<DefinitionFiles> {
  const found = await Promise.all(
    definitionFileNames.map(async (name) => {
      const stats = await lstat(join(folder, name)).catch(() => undefined)
      if (!stats?.isFile()) return []
      if (stats.size > mostDefinition) refuse('TOO_LARGE', name, `${mostDefinition / 1024} KiB`)
      return [[name, await readFile(join(folder, name), 'utf8')] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}
