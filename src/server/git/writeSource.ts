import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { refuse } from '../../model/refusal.ts'
import { ended, type GitOptions, startGit } from './gitProcess.ts'

/** Writes <builds>/<operation>/source.tar: whole and on disk, or not there at all. `part` is the folder of the tree that is meant. */
export async function writeSource(commit: string, folder: string, options: GitOptions, part = ''): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'source.tar')
  try {
    await archive(part === '' ? commit : `${commit}:${part}`, `${path}.next`, options)
    await rename(`${path}.next`, path)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function archive(tree: string, path: string, options: GitOptions) {
  const file = await open(path, 'w', 0o600)
  try {
    const child = startGit(['archive', '--format=tar', tree], { ...options, stdio: ['ignore', file.fd, 'ignore'] })
    if ((await ended(child)) !== 0) refuse('SOURCE', `the files of ${tree.slice(0, 7)} cannot be read`)
    await file.sync()
  } finally {
    await file.close()
  }
}
