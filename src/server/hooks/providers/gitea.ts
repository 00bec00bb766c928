import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import {
  atApi,
  commitOrNull,
  firstLine,
  type HookEvent,
  isHexSigned,
  type Provider,
  pathsOf,
  projectPath,
  type Received,
  refOf,
} from './provider.ts'
import { readPullRequest } from './pullRequest.ts'
import { Repository, urlsOf } from './repository.ts'

const Paths = z
  .array(z.string())
  .nullish()
  .transform((paths) => paths ?? [])

const Commit = z.object({ message: z.string().optional(), added: Paths, modified: Paths, removed: Paths })

const Payload = z.object({
  ref: z.string(),
  before: z.string().optional(),
  after: z.string(),
  commits: z
    .array(Commit)
    .nullish()
    .transform((commits) => commits ?? []),
  total_commits: z.number().optional(),
  head_commit: z.object({ message: z.string() }).nullish(),
  pusher: z.object({ login: z.string() }).optional(),
  repository: Repository,
})

/** Gitea, and Forgejo, which has grown from it. */
export const gitea: Provider = {
  newSecret: () => randomBytes(24).toString('hex'),
  isSigned: (received, secret) =>
    isHexSigned(received, received.header('x-gitea-signature') || received.header('x-forgejo-signature'), secret),
  deliveryOf: (received) => received.header('x-gitea-delivery') || received.header('x-forgejo-delivery'),
  read,
  apiUrl: (host) => `https://${host}`,
  report: ({ project, commit, state, context, description, url }, { apiUrl, token }) => ({
    url: atApi(apiUrl, `/api/v1/repos/${projectPath(project)}/statuses/${commit}`),
    headers: { accept: 'application/json', authorization: `token ${token}` },
    body: { state: state === 'cancelled' ? 'warning' : state, target_url: url, description, context },
  }),
}

function read(received: Received, payload: unknown): HookEvent {
  const name = received.header('x-gitea-event') || received.header('x-forgejo-event')
  if (name === 'pull_request' || name === 'pull_request_sync') return readPullRequest(name, payload)
  if (name !== 'push') return { kind: 'other', name }
  const { ref, before, after, commits, total_commits, head_commit, pusher, repository } = Payload.parse(payload)
  const pushed = refOf(ref)
  if (!pushed) return { kind: 'other', name: `push of ${ref}` }
  const isWhole = commitOrNull(before ?? '') !== null && (total_commits ?? commits.length) <= commits.length
  const push = {
    urls: urlsOf(repository),
    project: repository.full_name,
    ref: pushed,
    defaultBranch: repository.default_branch,
    commit: commitOrNull(after),
    message: firstLine(head_commit?.message ?? commits[0]?.message),
    pusher: pusher?.login ?? '',
    ...(isWhole && { paths: pathsOf(commits) }),
  }
  return { kind: 'push', name, pushes: [push] }
}
