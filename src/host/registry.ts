import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { output, run } from '../lib/exec.ts'
import { refuse } from '../model/refusal.ts'
import type { Host } from './host.ts'
import { ask } from './http.ts'
import { startAndWait } from './started.ts'

/** The user of Debian's package. */
const user = 'docker-registry'

/** It may have garbage to collect before it serves. */
const startSeconds = 15 * 60

/** Whether packages are kept in a registry of our own. */
export const wantsRegistry = ({ config: { packages } }: Pick<Host, 'config'>) =>
  packages.storage === 'registry' && packages.registry === undefined

export async function ensureRegistry(host: Host): Promise<string> {
  const { own, secretFile } = host.config.packages
  await prepareRegistry({ ...own, secretFile })
  await startAndWait(host, host.parts.registry, () => registryAnswersAt(own.port), startSeconds)
  return `on port ${own.port}`
}

/** It asks everybody for a password. */
export const registryAnswersAt = async (port: number) => (await ask(port, '/v2/'))?.status === 401

type Registry = { readonly dir: string; readonly port: number; readonly secretFile: string }

/** Its folder, settings and password, for the user that it runs as. */
export async function prepareRegistry({ dir, port, secretFile }: Registry): Promise<void> {
  const { uid, gid } = await ids()
  await mkdir(join(dir, 'data'), { recursive: true })
  // Of the data folder; as the server, which starts later, does it.
  await chmod(dirname(dir), 0o711)
  await chown(dir, 0, gid)
  await chmod(dir, 0o750)
  await chown(join(dir, 'data'), uid, gid)
  const password = await secretIn(secretFile)
  await write(join(dir, 'htpasswd'), `berth:${await hashed(password)}\n`, gid)
  await write(join(dir, 'config.yml'), settings(dir, port), gid)
}

const settings = (dir: string, port: number) =>
  stringify({
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(dir, 'data') },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: true, age: '24h', interval: '6h', dryrun: false } },
    },
    http: { addr: `127.0.0.1:${port}` },
    auth: { htpasswd: { realm: 'berth', path: join(dir, 'htpasswd') } },
  })

async function ids(): Promise<{ readonly uid: number; readonly gid: number }> {
  const { code, stdout } = await run(['getent', 'passwd', user])
  if (code !== 0) refuse('UNAVAILABLE', `the user "${user}"`, 'install the package docker-registry, which makes it')
  const [, , uid, gid] = stdout.trim().split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

async function secretIn(file: string): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim()
  const made = randomBytes(24).toString('base64url')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, `${made}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return made
}

/** With bcrypt, which is all that the registry takes, and which the C library has and Node has not. */
async function hashed(password: string): Promise<string> {
  const salt = `$2b$10$${randomBytes(21).toString('base64').replaceAll('+', '.').slice(0, 21)}u`
  const program = 'my $password = <STDIN>; chomp $password; print crypt($password, $ARGV[0])'
  return await output(['perl', '-e', program, salt], { input: `${password}\n` })
}

async function write(file: string, text: string, gid: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o640 })
  await chown(`${file}.new`, 0, gid)
  await rename(`${file}.new`, file)
}
