import { createHmac } from 'node:crypto'
import { equal } from '../../../lib/equal.ts'

/** What came in: the raw bytes, for the signature is over exactly those. */
export type Received = { readonly body: Buffer; header(name: string): string }

export type Push = {
  /** Every address that the provider knows the repository by. */
  readonly urls: readonly string[]
  /** What the provider's API calls the repository. */
  readonly project: string
  readonly ref: { readonly kind: 'branch' | 'tag'; readonly name: string }
  readonly defaultBranch?: string | undefined
  /** Null where the ref was taken away. */
  readonly commit: string | null
  /** First line. */
  readonly message: string
  readonly pusher: string
  /** What changed; nothing where the provider does not say, or not all. */
  readonly paths?: readonly string[] | undefined
}

/** A pull request, or what the provider calls so. */
export type Pull = Pick<Push, 'urls' | 'project'> & {
  readonly number: number
  /** `open` when there is something new to build, `close` when it is closed or merged. */
  readonly act: 'open' | 'close'
  /** That it comes from. */
  readonly branch: string
  /** The repository that it comes from, where that is another one; never nothing when that is not known. */
  readonly fork: string | null
  /** Newest one. */
  readonly commit: string
  readonly title: string
  readonly author: string
  readonly webUrl: string
}

export type HookEvent =
  | { readonly kind: 'ping' }
  | { readonly kind: 'other'; readonly name: string }
  | { readonly kind: 'push'; readonly name: string; readonly pushes: readonly Push[] }
  | { readonly kind: 'pull'; readonly name: string; readonly pull: Pull }

export type ReportState = 'pending' | 'success' | 'failure' | 'cancelled'

/** What a provider is told of a commit. */
export type Report = {
  readonly project: string
  readonly commit: string
  readonly state: ReportState
  readonly context: string
  readonly description: string
  readonly url: string
}

export type Outgoing = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

/** All that differs between those who call when somebody has pushed. */
export type Provider = {
  newSecret(): string
  isSigned(received: Received, secret: string): boolean
  /** The provider's own name of the delivery; empty where it has none. */
  deliveryOf(received: Received): string
  read(received: Received, payload: unknown): HookEvent
  /** Where its API is, for a repository at this host. */
  apiUrl(host: string): string
  report(report: Report, access: { readonly apiUrl: string; readonly token: string }): Outgoing
}

export const hmac = (secret: string | Buffer, body: Buffer | string) => createHmac('sha256', secret).update(body)

/** An HMAC in hexadecimal, with or without its `sha256=`; an empty secret signs nothing. */
export function isHexSigned({ body }: Received, given: string, secret: string): boolean {
  return secret !== '' && given !== '' && equal(given.toLowerCase(), hmac(secret, body).digest('hex'))
}

export const firstLine = (text: string | undefined) => (text ?? '').trimStart().split('\n', 1)[0]?.slice(0, 200) ?? ''

/** `refs/heads/main`, `refs/tags/v1`; nothing for what is neither. */
export function refOf(ref: string): Push['ref'] | undefined {
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? []
  return kind === undefined ? undefined : { kind: kind === 'heads' ? 'branch' : 'tag', name }
}

export const commitOrNull = (id: string) => (/^0*$/.test(id) ? null : id)

type Commit = {
  readonly added?: string[] | undefined
  readonly modified?: string[] | undefined
  readonly removed?: string[] | undefined
}

export const pathsOf = (commits: readonly Commit[]) => [
  ...new Set(commits.flatMap(({ added = [], modified = [], removed = [] }) => [...added, ...modified, ...removed])),
]

export const atApi = (base: string, path: string) => `${base.replace(/\/+$/, '')}${path}`

/** Each part of an owner/name on its own. */
export const projectPath = (project: string) => project.split('/').map(encodeURIComponent).join('/')
