import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { output } from '../../lib/exec.ts'

export type DeployKey = { readonly publicKey: string; readonly privateKey: string }

/** An ed25519 key of OpenSSH, made for one app. */
export async function newDeployKey(app: string): Promise<DeployKey> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-key-'))
  try {
    const path = join(folder, 'key')
    await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `berth ${app}`, '-f', path])
    const [publicKey, privateKey] = await Promise.all([readFile(`${path}.pub`, 'utf8'), readFile(path, 'utf8')])
    return { publicKey: publicKey.trim(), privateKey }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
