import { output, run } from '../lib/exec.ts'
import { refuse } from '../model/refusal.ts'

export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number }

/**
 * The user that SSH sessions of git belong to and that git runs as. The password `*` can never match, and unlike the
 * usual `!` it does not lock the account, which sshd without PAM would refuse.
 */
export async function ensureGitUser(name = 'git'): Promise<SystemUser> {
  const found = await findUser(name)
  if (found) return found
  await output([
    'useradd',
    '--system',
    '--user-group',
    '--shell',
    '/bin/sh',
    '--home-dir',
    '/',
    '--no-create-home',
    '--password',
    '*',
    name,
  ])
  return (await findUser(name)) ?? refuse('UNAVAILABLE', `the user "${name}"`, 'it could not be created')
}

/** sshd runs a session's command with the user's shell, so one without a shell is of no use. */
async function findUser(name: string): Promise<SystemUser | undefined> {
  const { code, stdout } = await run(['getent', 'passwd', name])
  if (code !== 0) return undefined
  const [, , uid, gid, , , shell = ''] = stdout.trim().split(':')
  if (/\/(nologin|false)$/.test(shell)) {
    refuse(
      'UNAVAILABLE',
      `the user "${name}"`,
      `its shell is ${shell}; give it one with: usermod --shell /bin/sh ${name}`,
    )
  }
  return { name, uid: Number(uid), gid: Number(gid) }
}
