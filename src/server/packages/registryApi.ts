import { refuse } from '../../model/refusal.ts'

export type RegistryAccount = {
  /** `host`, `host:port`. */
  readonly server: string
  readonly user: string
  /** Read each time: one that was corrected counts at once. */
  readonly password: () => Promise<string>
}

const patienceMs = 60_000

const manifests = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** What the Engine cannot ask of a registry. */
export const registryApi = (account: RegistryAccount) => ({
  /** Throws UNAVAILABLE when it is not there, or does not know us. */
  async check(repository: string): Promise<void> {
    const response = await ask(account, { method: 'GET', path: '/v2/', scope: `repository:${repository}:pull,push` })
    if (!response.ok) unavailable(account, `it answered ${response.status}`)
  },

  /** What a tag stands for now; undefined when there is none. */
  async digest(repository: string, tag: string): Promise<string | undefined> {
    const path = `/v2/${repository}/manifests/${tag}`
    const scope = `repository:${repository}:pull`
    const response = await ask(account, { method: 'HEAD', path, scope })
    if (response.status === 404) return undefined
    const digest = response.headers.get('docker-content-digest')
    return response.ok && digest ? digest : unavailable(account, `it answered ${response.status}`)
  },

  /** False when the registry deletes nothing. What it took of disk is free once the registry has cleared its garbage. */
  async remove(repository: string, digest: string): Promise<boolean> {
    const path = `/v2/${repository}/manifests/${digest}`
    const scope = `repository:${repository}:delete,pull,push`
    const response = await ask(account, { method: 'DELETE', path, scope })
    if (response.status === 405 || response.status === 501) return false
    return response.ok || response.status === 404 || unavailable(account, `it answered ${response.status}`)
  },
})

type Ask = { readonly method: string; readonly path: string; readonly scope: string }

/** Either it takes the password itself, or it says who gives out tokens for it. */
async function ask(account: RegistryAccount, what: Ask): Promise<Response> {
  const basic = `Basic ${Buffer.from(`${account.user}:${await account.password()}`).toString('base64')}`
  const response = await send(account, what, basic)
  if (response.status !== 401) return response
  const challenge = response.headers.get('www-authenticate') ?? ''
  if (!/^bearer /i.test(challenge)) return notUs(account)
  const token = await tokenFrom(account, challenge, what.scope, basic)
  const second = await send(account, what, `Bearer ${token}`)
  return second.status === 401 || second.status === 403 ? notUs(account) : second
}

const notUs = (account: RegistryAccount) =>
  unavailable(account, 'it does not accept the user and password; see package_user and package_secret_file')

async function tokenFrom(account: RegistryAccount, challenge: string, scope: string, basic: string): Promise<string> {
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1] ?? ''
  const realm = URL.parse(field('realm'))
  if (realm?.protocol !== 'https:' && !isLoopback(realm?.hostname ?? ''))
    return unavailable(account, 'it sends us elsewhere for a token, without TLS')
  const url = new URL(`?${new URLSearchParams({ service: field('service'), scope })}`, field('realm'))
  const response = await reach(account, url, { headers: { authorization: basic } })
  if (!response.ok) return notUs(account)
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string }
  return token ?? access_token ?? notUs(account)
}

async function send(account: RegistryAccount, { method, path }: Ask, authorization: string): Promise<Response> {
  const response = await reach(account, new URL(path, addressOf(account.server)), {
    method,
    headers: { authorization, accept: manifests },
  })
  await response.arrayBuffer()
  return response
}

async function reach(account: RegistryAccount, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(patienceMs) })
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return unavailable(account, `no answer from ${url.origin}: ${cause instanceof Error ? cause.message : cause}`)
  }
}

/** As the Engine does: TLS everywhere but on this machine. */
const addressOf = (server: string) => {
  const host = server === 'docker.io' ? 'registry-1.docker.io' : server
  return `${isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https'}://${host}`
}

const isLoopback = (host: string) => host === 'localhost' || /^127\./.test(host)

export const unavailable = ({ server }: Pick<RegistryAccount, 'server'>, reason: string): never =>
  refuse('UNAVAILABLE', `the package registry ${server}`, reason)
