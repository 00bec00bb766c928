import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { refuse } from '../model/refusal.ts'

const busy = 5

/**
 * Two servers on one data folder would undo each other's work. SQLite holds a lock on a file of the folder, by whatever
 * path it is reached; the kernel ends it with the process, however it dies.
 */
export async function claim(dataDir: string): Promise<AsyncDisposable> {
  const lock = new DatabaseSync(join(dataDir, 'server.lock'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (!(error instanceof Error && 'errcode' in error && error.errcode === busy)) throw error
    refuse('UNAVAILABLE', `the data folder ${dataDir}`, 'another Berth server already works on it')
  }
  return { [Symbol.asyncDispose]: async () => lock.close() }
}
