import { setPriority } from 'node:os'
import { log } from '../../lib/log.ts'
import { mutex } from '../../lib/mutex.ts'
import { ended, type GitUser, startGit } from './gitProcess.ts'
import type { Repository } from './repositories.ts'

export type Maintenance = {
  /** Packs the repository when it has become worth it: later, one at a time, with little priority. */
  after(repository: Repository): void
}

const limitMs = 10 * 60_000
const thresholds = ['-c', 'gc.auto=2000', '-c', 'gc.autoPackLimit=20', '-c', 'gc.autoDetach=false']

export function maintenance(user: GitUser, stopping: AbortSignal): Maintenance {
  const turn = mutex()
  const waiting = new Set<string>()
  return {
    after({ path }) {
      if (waiting.has(path)) return
      waiting.add(path)
      turn(async () => {
        waiting.delete(path)
        if (!stopping.aborted) await collectGarbage(path, user, stopping)
      }).catch((error) => log.warn({ error, path }, 'could not maintain a repository'))
    },
  }
}

/** git gc --auto looks first, and mostly finds nothing to do. */
async function collectGarbage(path: string, user: GitUser, stopping: AbortSignal) {
  const child = startGit([...thresholds, 'gc', '--auto', '--quiet'], {
    user,
    cwd: path,
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const stop = () => child.kill('SIGTERM')
  const timer = setTimeout(stop, limitMs)
  stopping.addEventListener('abort', stop)
  if (child.pid) setPriority(child.pid, 10)
  await ended(child)
  clearTimeout(timer)
  stopping.removeEventListener('abort', stop)
}
