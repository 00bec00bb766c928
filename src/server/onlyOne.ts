import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { refuse } from '../model/refusal.ts'

/** Two servers on one data folder would undo each other's work. The kernel ends the claim with the process, however it dies. */
export async function claim(dataDir: string): Promise<AsyncDisposable> {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  server.listen(`\0berth-${name}`)
  try {
    await once(server, 'listening')
  } catch {
    refuse('UNAVAILABLE', `the data folder ${dataDir}`, 'another Berth server already works on it')
  }
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
