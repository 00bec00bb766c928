import { printable } from '../../model/printable.ts'
import { type GitOptions, git } from './gitProcess.ts'

const mostSubjects = 50
const mostBytes = 256 * 1024

/** Subjects of the commits that are new since a revision, newest first; nothing when git does not know that one. */
export async function changelogOf(commit: string, since: string | null, options: GitOptions): Promise<string[]> {
  if (!since || !/^[0-9a-f]{40,64}$/.test(since) || since === commit) return []
  const argv = [
    'log',
    '--no-decorate',
    '--no-color',
    `--max-count=${mostSubjects}`,
    '--format=%s',
    `${since}..${commit}`,
  ]
  const found = await git(argv, { ...options, limit: mostBytes }).catch(() => undefined)
  const lines = found?.toString('utf8').split('\n') ?? []
  return lines.filter((line) => line !== '').map((line) => printable(line).slice(0, 200))
}

/** `Name <address>` of the author line of a commit object. */
export function authorOf(commit: string): string | undefined {
  const found = /^author (.+) \d+ [+-]\d{4}$/m.exec(commit.slice(0, commit.indexOf('\n\n')))?.[1]
  return found && printable(found).slice(0, 200)
}
