import { basename, resolve } from 'node:path'
import { run } from '../lib/exec.ts'
import { printable } from '../model/printable.ts'

/** What is deployed, in words: the last commit, and whether there is more than it. */
export async function describeSource(folder: string): Promise<string> {
  const commit = await git(folder, 'log', '-1', '--format=%h %s')
  if (!commit) return printable(basename(resolve(folder))).slice(0, 60) || 'uploaded'
  const changed = await git(folder, 'status', '--porcelain', '--', '.')
  const text = printable(commit.trim()).slice(0, 60)
  return changed ? `${text} (with changes)` : text
}

async function git(folder: string, ...args: string[]): Promise<string | undefined> {
  const finished = await run(['git', '-C', folder, ...args]).catch(() => undefined)
  return finished?.code === 0 ? finished.stdout : undefined
}
