import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { refuse } from '../model/refusal.ts'

export type Login = { readonly url: string; readonly token: string; readonly user?: string; readonly from: string }

type Env = NodeJS.ProcessEnv

export const loginFile = (env: Env) =>
  join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'berth', 'config.json')

/** BERTH_URL and BERTH_TOKEN, else what `berth login` kept, else, on the server itself, the admin's file. */
export async function currentLogin(env: Env): Promise<Login | undefined> {
  const stored = await readLogin(loginFile(env))
  const url = env.BERTH_URL && tidyUrl(env.BERTH_URL)
  if (env.BERTH_TOKEN) return { url: url ?? stored?.url ?? defaultUrl, token: env.BERTH_TOKEN, from: 'BERTH_TOKEN' }
  const kept = stored ?? (await adminLogin(env))
  if (url && url !== kept?.url) return undefined
  return kept
}

export const defaultUrl = 'http://127.0.0.1:7117'

/** An origin, with the scheme that was left out. */
export function tidyUrl(raw: string): string {
  const text = /^https?:\/\//i.test(raw) ? raw : `${isLocal(raw) ? 'http' : 'https'}://${raw}`
  if (URL.canParse(text)) return new URL(text).origin
  return refuse('INVALID', 'URL', `"${raw}" is not one; use something like https://berth.example.com`)
}

const isLocal = (address: string) => /^(?:127\.[\d.]+|(?:[^/:]+\.)?localhost|\[::1\])(?=[:/]|$)/i.test(address)

export async function saveLogin(env: Env, login: Omit<Login, 'from'>): Promise<string> {
  const file = loginFile(env)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.next`, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.next`, file)
  return file
}

export const forgetLogin = (env: Env) => rm(loginFile(env), { force: true })

/** As root on the server, before any `berth login`. */
async function adminLogin(env: Env): Promise<Login | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const { configFrom } = await import('../config/config.ts')
  return readLogin(configFrom(env).admin)
}

async function readLogin(file: string): Promise<Login | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const content = parseJson(text)
  if (!isLogin(content)) return refuse('INVALID', file, 'cannot be read; run "berth login" again')
  const { url, token, user } = content
  return { url, token, from: file, ...(user !== undefined && { user }) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isLogin = (value: unknown): value is { url: string; token: string; user?: string } =>
  typeof value === 'object' &&
  value !== null &&
  'url' in value &&
  typeof value.url === 'string' &&
  'token' in value &&
  typeof value.token === 'string'
