import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { connect } from '../client/client.ts'
import { whoami } from '../contract/sessions.ts'
import { refuse } from '../model/refusal.ts'
import type { Host } from './host.ts'

export type Admin = { readonly url: string; readonly user: string; readonly password: string; readonly token: string }
type Login = { readonly url: string; readonly token: string }

/** What the server wrote at its first start. */
export function adminOf({ config }: Host): Admin {
  if (!existsSync(config.admin))
    refuse('UNAVAILABLE', config.admin, 'the server has not written it; run "berth doctor"')
  return JSON.parse(readFileSync(config.admin, 'utf8')) as Admin
}

/** Logs root's CLI in, unless it has a login that works or one somewhere else. */
export async function ensureLogin(host: Host): Promise<string> {
  const file = join(host.env.XDG_CONFIG_HOME || join(host.env.HOME || homedir(), '.config'), 'berth', 'config.json')
  const ours = { url: loopbackUrl(host), token: adminOf(host).token }
  const there = readLogin(file)
  if (there && (there.url !== ours.url || (await works(there)))) return `${file}, there`
  writeLogin(file, ours)
  return file
}

export const loopbackUrl = ({ config }: Host) => `http://127.0.0.1:${config.api.port}`

function readLogin(file: string): Login | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Login
  } catch {
    return null
  }
}

const works = (login: Login) =>
  connect(login)
    .call(whoami, {})
    .then(
      () => true,
      () => false,
    )

function writeLogin(file: string, login: Login) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 })
  chmodSync(`${file}.new`, 0o600)
  renameSync(`${file}.new`, file)
}
