import { refuse } from './refusal.ts'

/** Where an app's code can be fetched from. */
export const repositoryKinds = ['git', 'hg', 'svn', 'bzr'] as const
export type RepositoryKind = (typeof repositoryKinds)[number]

/** A URL of a repository in its parts, none of which a program could take for an option or another transport. */
export type RepositoryUrl = {
  readonly scheme: Scheme
  readonly host: string
  readonly port?: number
  readonly user?: string
  /** Begins with `/`. */
  readonly path: string
}

const schemes = ['https', 'http', 'ssh', 'git', 'svn', 'svn+ssh', 'bzr', 'bzr+ssh'] as const
type Scheme = (typeof schemes)[number]

const spoken: Readonly<Record<RepositoryKind, readonly Scheme[]>> = {
  git: ['https', 'http', 'ssh', 'git'],
  hg: ['https', 'http', 'ssh'],
  svn: ['https', 'http', 'svn', 'svn+ssh'],
  bzr: ['https', 'http', 'bzr', 'bzr+ssh'],
}

const schemeKinds: Partial<Readonly<Record<Scheme, RepositoryKind>>> = {
  svn: 'svn',
  'svn+ssh': 'svn',
  bzr: 'bzr',
  'bzr+ssh': 'bzr',
}

const defaultPorts: Readonly<Record<Scheme, number>> = {
  https: 443,
  http: 80,
  ssh: 22,
  git: 9418,
  svn: 3690,
  'svn+ssh': 22,
  bzr: 4155,
  'bzr+ssh': 22,
}

/** `path` cannot begin with an option's dash, for it begins with a slash; the rest is printable ASCII without blanks or quotes. */
const grammar =
  /^(?<scheme>[a-z+]+):\/\/(?:(?<user>[\w.+~%-]+)(?::(?<password>[^@/\s]*))?@)?(?<host>[\w.-]+|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?(?<path>\/[\w.~%+@:,()=/!*-]*)$/i
const short = /^(?<user>[\w.-]+)@(?<host>[\w.-]+):(?!\/\/)(?<path>[\w.~%+@/-]+)$/

export type GivenUrl = { readonly url: RepositoryUrl; readonly password?: string }

/** What somebody wrote as the address of a repository; `git@host:path` is understood. A password in it comes out apart. */
export function repositoryUrl(raw: string): GivenUrl {
  const text = raw.trim()
  if (text.length > 1_000) refuse('INVALID', 'url', 'is longer than 1000 characters')
  const found = grammar.exec(text)?.groups ?? shortForm(text) ?? refuseUrl()
  const { scheme = '', user, password, host = '', port, path = '' } = found
  const url = { scheme: schemeOf(scheme.toLowerCase()), host: hostOf(host), path: pathOf(path) }
  const number = port === undefined ? undefined : portOf(port)
  const name = user === undefined ? undefined : decoded(user)
  return {
    url: { ...url, ...(number !== undefined && { port: number }), ...(name !== undefined && { user: name }) },
    ...(password && { password: decoded(password) }),
  }
}

function shortForm(text: string): Record<string, string | undefined> | undefined {
  const { user, host, path = '' } = short.exec(text)?.groups ?? {}
  return host === undefined ? undefined : { scheme: 'ssh', user, host, path: path.startsWith('/') ? path : `/${path}` }
}

const refuseUrl = () =>
  refuse('INVALID', 'url', 'must look like https://host/path, ssh://git@host/path or git@host:path, without blanks')

const schemeOf = (scheme: string): Scheme =>
  schemes.find((known) => known === scheme) ?? refuse('INVALID', 'url', `must begin with one of ${schemes.join(', ')}`)

/** A name or an address, never something that ssh would read as an option. */
function hostOf(raw: string): string {
  const host = raw.toLowerCase().replace(/\.$/, '')
  const valid = host.startsWith('[') || /^(?!-)[a-z0-9_-]+(?:\.(?!-)[a-z0-9_-]+)*$/.test(host)
  return valid && host.length <= 253 ? host : refuse('INVALID', 'url', 'has a host that is no host name')
}

function portOf(text: string): number {
  const port = Number(text)
  return port >= 1 && port <= 65_535 ? port : refuse('INVALID', 'url', 'has a port that is none')
}

function pathOf(path: string): string {
  if (path.split('/').includes('..')) refuse('INVALID', 'url', 'must not contain ..')
  return path === '' ? '/' : path
}

function decoded(text: string): string {
  try {
    const plain = decodeURIComponent(text)
    return /\p{Cc}/u.test(plain) ? refuse('INVALID', 'url', 'holds control characters') : plain
  } catch {
    return refuse('INVALID', 'url', 'is not well encoded')
  }
}

/** The client that speaks to it: as said, else by the scheme, else git. */
export function kindOf({ scheme }: RepositoryUrl, said?: RepositoryKind): RepositoryKind {
  const kind = said ?? schemeKinds[scheme] ?? 'git'
  if (!spoken[kind].includes(scheme)) refuse('INVALID', 'url', `${kind} is reached by ${spoken[kind].join(', ')}`)
  return kind
}

export const portOfUrl = ({ scheme, port }: RepositoryUrl) => port ?? defaultPorts[scheme]
export const isSsh = ({ scheme }: RepositoryUrl) => scheme === 'ssh' || scheme.endsWith('+ssh')
export const isHttp = ({ scheme }: RepositoryUrl) => scheme === 'http' || scheme === 'https'

/** As text, without a password: for the client, the store and people. */
export function urlText({ scheme, user, host, port, path }: RepositoryUrl): string {
  const who = user === undefined ? '' : `${encodeURIComponent(user)}@`
  return `${scheme}://${who}${host}${port === undefined ? '' : `:${port}`}${path}`
}

/** The same for every way to reach one repository of a host: what a webhook's repository is compared by. */
export function repositoryKey({ host, path }: Pick<RepositoryUrl, 'host' | 'path'>): string {
  const plain = path.replace(/\/+$/, '').replace(/\.git$/, '')
  return `${host}${plain}`.toLowerCase()
}

const commitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

export const isCommit = (ref: string) => commitId.test(ref)

/** A branch, a tag, a commit, or a pattern of tags like `v*`: what git takes as a name and no program as an option. */
export function refName(raw: string): string {
  const ref = raw.trim()
  const valid =
    /^(?![-/.])[\w./+@#*-]{1,200}(?<![./])$/.test(ref) && !/\.\.|\/\/|@\{|\/\.|\.lock(?:\/|$)/.test(ref) && ref !== '@'
  return valid ? ref : refuse('INVALID', 'ref', 'must be the name of a branch, a tag or a commit')
}

export const isPattern = (ref: string) => ref.includes('*')
