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

const Commit = z.object({
  added: z.array(z.string()).optional(),
  modified: z.array(z.string()).optional(),
  removed: z.array(z.string()).optional(),
})

const Payload = z.object({
  ref: z.string(),
  after: z.string(),
  forced: z.boolean().optional(),
  created: z.boolean().optional(),
  head_commit: z.object({ message: z.string() }).nullish(),
  pusher: z.object({ name: z.string() }).optional(),
  commits: z.array(Commit).default([]),
  repository: Repository,
})

/** GitHub tells of no more than these in one push. */
const mostCommits = 2_048

export const github: Provider = {
  newSecret: () => randomBytes(24).toString('hex'),
  isSigned: (received, secret) =>
    isHexSigned(received, received.header('x-hub-signature-256').replace(/^sha256=/, ''), secret),
  deliveryOf: (received) => received.header('x-github-delivery'),
  read,
  apiUrl: (host) => (host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`),
  report: ({ project, commit, state, context, description, url }, { apiUrl, token }) => ({
    url: atApi(apiUrl, `/repos/${projectPath(project)}/statuses/${commit}`),
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    body: {
      state: state === 'cancelled' ? 'error' : state,
      target_url: url,
      description: description.slice(0, 140),
      context,
    },
  }),
}

function read(received: Received, payload: unknown): HookEvent {
  const name = received.header('x-github-event')
  if (name === 'ping') return { kind: 'ping' }
  if (name === 'pull_request') return readPullRequest(name, payload)
  if (name !== 'push') return { kind: 'other', name }
  const { ref, after, forced, created, head_commit, pusher, commits, repository } = Payload.parse(payload)
  const pushed = refOf(ref)
  if (!pushed) return { kind: 'other', name: `push of ${ref}` }
  const isWhole = !forced && !created && commits.length < mostCommits
  const push = {
    urls: urlsOf(repository),
    project: repository.full_name,
    ref: pushed,
    defaultBranch: repository.default_branch,
    commit: commitOrNull(after),
    message: firstLine(head_commit?.message),
    pusher: pusher?.name ?? '',
    ...(isWhole && { paths: pathsOf(commits) }),
  }
  return { kind: 'push', name, pushes: [push] }
}
