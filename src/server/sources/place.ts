import { chmod, chown, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isHttp, isSsh, portOfUrl, type RepositoryKind, type RepositoryUrl } from '../../model/repository.ts'
import type { GitUser } from '../git/gitProcess.ts'
import { type Allowed, safeAddress } from './addresses.ts'
import { type Egress, startEgress } from './egress.ts'

/** All that fetching needs from the server; made in the composition root. */
export type SourceSettings = {
  readonly user: GitUser
  /** One folder per app, by its id: the cache, and the host keys that were seen. */
  readonly dir: string
  readonly allowed: Allowed
  /** libexec/source-ssh. */
  readonly ssh: string
  readonly maxBytes: number
  readonly maxFiles: number
  readonly timeoutMs: number
  /** Of the server: where it has proxies to reach the world by, so have fetches. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>
}

/** A repository and what opens it. */
export type Repository = {
  readonly appId: string
  readonly kind: RepositoryKind
  readonly url: RepositoryUrl
  readonly ref: string | null
  readonly password?: string
  /** OpenSSH's text of the deploy key. */
  readonly privateKey?: string
}

/** Where one fetch runs: a folder that goes away, an environment with nothing of the server's, and ways out. */
export type Place = AsyncDisposable & {
  readonly repository: Repository
  readonly settings: SourceSettings
  readonly cache: string
  readonly scratch: string
  readonly env: Readonly<Record<string, string>>
  readonly egress?: Egress
  /** The proxy of HTTP. */
  readonly proxy?: URL
  readonly signal: AbortSignal
  /** Takes what is secret out of a text. */
  redact(text: string): string
}

export async function openPlace(repository: Repository, settings: SourceSettings, signal: AbortSignal): Promise<Place> {
  const { url, kind, appId } = repository
  const home = join(settings.dir, appId)
  await ownFolder(home, settings.user)
  await using undo = new AsyncDisposableStack()
  const scratch = await mkdtemp(join(home, 'fetch-'))
  undo.defer(() => rm(scratch, { recursive: true, force: true }))
  await owned(scratch, settings.user)
  const direct = proxyOf(settings, url)
  const egress = isHttp(url) && !direct ? undo.use(await startEgress(settings)) : undefined
  if (!egress) await mayReach(url, settings, direct)
  const proxy = direct ?? egress?.url
  const ssh = isSsh(url) ? await sshEnv(repository, settings, home, scratch) : {}
  const kept = undo.move()
  return {
    repository,
    settings,
    cache: join(home, kind),
    scratch,
    env: { ...baseEnv, HOME: scratch, ...proxyEnv(proxy), ...ssh },
    ...(egress && { egress }),
    ...(proxy && { proxy }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]),
    redact: redactor(repository, proxy),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const baseEnv = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' } as const

/** Behind a proxy of the machine's own, names may have no address here: then the proxy decides. */
export async function mayReach({ host }: RepositoryUrl, { allowed }: SourceSettings, proxy: URL | undefined) {
  const checked = safeAddress(host, allowed)
  await (proxy ? checked.catch((error) => (error.code === 'UNAVAILABLE' ? undefined : Promise.reject(error))) : checked)
}

/** The proxy that this machine reaches a host by; only HTTP knows such. */
export function proxyOf({ hostEnv }: SourceSettings, url: RepositoryUrl): URL | undefined {
  if (!isHttp(url)) return undefined
  const { scheme } = url
  if (isExcepted(hostEnv.no_proxy ?? hostEnv.NO_PROXY ?? '', url.host)) return undefined
  const named = hostEnv[`${scheme}_proxy`] ?? hostEnv[`${scheme.toUpperCase()}_PROXY`]
  return named && URL.canParse(named) ? new URL(named) : undefined
}

const isExcepted = (names: string, host: string) =>
  names
    .split(/[\s,]+/)
    .map((name) => name.replace(/^\*?\./, ''))
    .some((name) => name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`))))

const proxyEnv = (proxy: URL | undefined): Record<string, string> => {
  if (!proxy) return {}
  const text = proxy.href.replace(/\/$/, '')
  return { http_proxy: text, https_proxy: text, HTTPS_PROXY: text }
}

/** The name is looked up here, and ssh connects to the address that was looked at; the host key is known by the name. */
async function sshEnv(repository: Repository, settings: SourceSettings, home: string, scratch: string) {
  const { url, privateKey = '' } = repository
  const [config, key, program] = ['config', 'key', 'ssh'].map((name) => join(scratch, name)) as [string, string, string]
  const address = await safeAddress(url.host, settings.allowed)
  const known = join(home, 'known_hosts')
  await putOwned(key, privateKey, settings.user)
  await putOwned(
    config,
    sshConfig({ address, port: portOfUrl(url), alias: `${url.host}:${portOfUrl(url)}`, key, known }),
    settings.user,
  )
  await copyFile(settings.ssh, program)
  await chmod(program, 0o755)
  return { BERTH_SSH_CONFIG: config, GIT_SSH: program, GIT_SSH_VARIANT: 'ssh', SVN_SSH: program, BRZ_SSH: program }
}

type SshConfig = {
  readonly address: string
  readonly port: number
  readonly alias: string
  readonly key: string
  readonly known: string
}

const sshConfig = ({ address, port, alias, key, known }: SshConfig) => `Host *
  HostName ${address}
  Port ${port}
  HostKeyAlias "${alias}"
  UserKnownHostsFile "${known}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking accept-new
  UpdateHostKeys no
  IdentityFile "${key}"
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  PreferredAuthentications publickey
  ForwardAgent no
  ForwardX11 no
  ClearAllForwardings yes
  PermitLocalCommand no
  ProxyCommand none
  ControlMaster no
  ControlPath none
  ConnectTimeout 20
  ServerAliveInterval 15
  ServerAliveCountMax 4
  LogLevel ERROR
`

export async function putOwned(path: string, text: string, user: GitUser) {
  await writeFile(path, text, { mode: 0o600 })
  await owned(path, user)
}

export async function ownFolder(path: string, user: GitUser) {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await owned(path, user)
}

async function owned(path: string, { uid, gid }: GitUser) {
  if (process.getuid?.() === 0) await chown(path, uid, gid)
}

function redactor({ password, url }: Repository, proxy: URL | undefined) {
  const plain = [password, proxy?.password].filter((text) => text !== undefined && text !== '') as string[]
  const basic = password === undefined ? [] : [Buffer.from(`${url.user ?? ''}:${password}`).toString('base64')]
  const secrets = [...plain, ...plain.map(encodeURIComponent), ...basic]
  return (text: string) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
}
