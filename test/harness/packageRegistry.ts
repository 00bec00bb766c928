import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { prepareRegistry, registryAnswersAt } from '../../src/host/registry.ts'
import { output, start } from '../../src/lib/exec.ts'
import { freePort } from './haproxy.ts'
import { until } from './wait.ts'

const script = join(import.meta.dirname, '../../libexec/registry')

/** Debian's registry as `berth up` runs it: started again whenever it ends. */
export async function startRegistry() {
  const base = await mkdtemp(join(tmpdir(), 'berth-registry-'))
  await chmod(base, 0o711)
  const own = { dir: join(base, 'registry'), port: await freePort() }
  const secretFile = join(base, 'package.secret')
  await prepareRegistry({ ...own, secretFile })
  let wanted = true
  let child = start([script, own.dir], { stdio: 'ignore' })
  const again = async () => {
    await sleep(50)
    if (wanted) child = start([script, own.dir], { stdio: 'ignore' }).once('exit', again)
  }
  child.once('exit', again)
  await until('the registry', () => registryAnswersAt(own.port), 60_000)
  return {
    own,
    secretFile,
    server: `127.0.0.1:${own.port}`,
    secret: async () => (await readFile(secretFile, 'utf8')).trim(),
    /** What it takes of disk, in bytes. */
    async size(): Promise<number> {
      return Number.parseInt(await output(['du', '-sb', join(own.dir, 'data')]), 10)
    },
    pid: () => child.pid,
    async [Symbol.asyncDispose]() {
      wanted = false
      const exited = once(child, 'exit')
      if (child.kill()) await exited
      await rm(base, { recursive: true, force: true })
    },
  }
}
