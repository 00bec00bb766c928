import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { start } from '../lib/exec.ts'

const script = fileURLToPath(new URL('../../berth', import.meta.url))

/** What looks after this machine starts from the shell script, which can do without what it installs. */
export async function onThisMachine(verb: string, args: readonly string[]): Promise<number> {
  const child = start([script, verb, ...args], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}
