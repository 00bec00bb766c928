import { chmod, copyFile, mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '../../lib/exec.ts'
import { log } from '../../lib/log.ts'
import { parseSshKey } from '../../lib/sshKey.ts'
import { refuse } from '../../model/refusal.ts'
import type { Store } from '../store/store.ts'
import type { GitUser } from './gitProcess.ts'

export type SshOptions = {
  readonly dir: string
  readonly port: number
  readonly addresses?: readonly string[]
  readonly user: GitUser
  /** libexec/git-relay */
  readonly relay: string
  /** Where the relay finds the server. */
  readonly socket: string
}

/** All that OpenSSH needs: configuration, a host key that stays, the relay where the git user can run it. */
export async function writeSshFiles(options: SshOptions): Promise<void> {
  const { dir, relay } = options
  for (const path of [dir, options.socket]) plainPath(path)
  await mkdir(dir, { recursive: true })
  await chmod(dir, 0o755)
  await makeHostKey(join(dir, 'host_ed25519'))
  await copyFile(relay, join(dir, 'git-relay.next'))
  await chmod(join(dir, 'git-relay.next'), 0o755)
  await rename(join(dir, 'git-relay.next'), join(dir, 'git-relay'))
  await replace(join(dir, 'sshd_config'), sshdConfig(options), 0o600)
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
}

/** These paths stand in files of OpenSSH, which reads some of them as shell text. */
function plainPath(path: string) {
  if (!/^\/[\w@+:,./-]+$/.test(path))
    refuse('INVALID', `path ${path}`, 'only letters, digits and _ @ + : , . / - are possible here')
}

async function makeHostKey(path: string) {
  const found = await stat(path).catch(() => undefined)
  if (found) return
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'berth', '-f', path])
}

async function replace(path: string, text: string, mode: number) {
  await writeFile(`${path}.next`, text, { mode })
  await chmod(`${path}.next`, mode)
  await rename(`${path}.next`, path)
}

/**
 * StrictModes is off because it judges all folders above, and a data directory may lie below /tmp; the files are ours
 * alone. Root logs in only where Berth runs as root without a git user, and then only for its forced command.
 */
const sshdConfig = ({ dir, port, addresses = [], user }: SshOptions) => `# Written by Berth at each start.
Port ${port}
${addresses.map((address) => `ListenAddress ${address}\n`).join('')}HostKey ${dir}/host_ed25519
PidFile none
AuthorizedKeysFile ${dir}/authorized_keys
AllowUsers ${user.name}
PermitRootLogin ${user.uid === 0 ? 'forced-commands-only' : 'no'}
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
HostbasedAuthentication no
UsePAM no
StrictModes no
DisableForwarding yes
PermitTTY no
PermitTunnel no
PermitUserRC no
PermitUserEnvironment no
AcceptEnv GIT_PROTOCOL
LoginGraceTime 20
MaxAuthTries 10
MaxSessions 8
MaxStartups 30:30:200
ClientAliveInterval 30
ClientAliveCountMax 10
Compression no
UseDNS no
PrintMotd no
PrintLastLog no
LogLevel INFO
`

/** Writes the keys of all users who may log in. Called again after each change of people. */
export async function writeAuthorizedKeys(store: Store, { dir, socket }: SshOptions): Promise<void> {
  const keys = await store.read((tx) =>
    tx
      .selectFrom('keys')
      .innerJoin('users', 'users.id', 'keys.user_id')
      .select(['keys.id', 'keys.public_key'])
      .where('users.disabled', '=', 0)
      .orderBy('keys.id')
      .execute(),
  )
  const lines = keys.map(({ id, public_key }) => keyLine(id, public_key, `${dir}/git-relay ${socket}`))
  await replace(join(dir, 'authorized_keys'), lines.join(''), 0o644)
}

/** Made only from parts that were parsed: a row can never bring an option or a second line of its own. */
function keyLine(id: string, publicKey: string, command: string): string {
  const key = parseSshKey(publicKey)
  if (!key) {
    log.warn({ id }, 'a stored key is no public key; it is left out')
    return ''
  }
  return `restrict,command="${command} ${key.fingerprint}" ${key.type} ${key.blob}\n`
}
