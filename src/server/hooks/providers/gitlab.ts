import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { equal } from '../../../lib/equal.ts'
import {
  atApi,
  commitOrNull,
  firstLine,
  type HookEvent,
  hmac,
  type Provider,
  pathsOf,
  type Received,
  refOf,
} from './provider.ts'

const Commit = z.object({
  id: z.string(),
  message: z.string(),
  added: z.array(z.string()).optional(),
  modified: z.array(z.string()).optional(),
  removed: z.array(z.string()).optional(),
})

const Payload = z.object({
  ref: z.string(),
  before: z.string().optional(),
  after: z.string(),
  user_name: z.string().optional(),
  total_commits_count: z.number().optional(),
  commits: z.array(Commit).default([]),
  project: z.object({
    path_with_namespace: z.string(),
    git_http_url: z.string(),
    git_ssh_url: z.string(),
    web_url: z.string(),
    default_branch: z.string().nullish(),
  }),
})

const states = { pending: 'running', success: 'success', failure: 'failed', cancelled: 'canceled' } as const
const pushes = ['Push Hook', 'Tag Push Hook']

export const gitlab: Provider = {
  /** Fits both of its fields: the secret token, and the signing token of newer versions. */
  newSecret: () => `whsec_${randomBytes(32).toString('base64')}`,
  isSigned,
  deliveryOf: (received) =>
    received.header('webhook-id') || received.header('idempotency-key') || received.header('x-gitlab-event-uuid'),
  read,
  apiUrl: (host) => `https://${host}`,
  report: ({ project, commit, state, context, description, url }, { apiUrl, token }) => ({
    url: atApi(apiUrl, `/api/v4/projects/${encodeURIComponent(project)}/statuses/${commit}`),
    headers: { accept: 'application/json', 'private-token': token },
    body: { state: states[state], name: context, target_url: url, description: description.slice(0, 255) },
  }),
}

const freshMs = 5 * 60 * 1000

/** A signing token signs id, time and body; where none is set, the secret token stands in a header. */
function isSigned(received: Received, secret: string): boolean {
  if (secret === '') return false
  const signatures = received.header('webhook-signature')
  if (signatures === '') return equal(received.header('x-gitlab-token'), secret)
  const seconds = Number(received.header('webhook-timestamp'))
  if (!(Math.abs(Date.now() - seconds * 1000) < freshMs)) return false
  const head = `${received.header('webhook-id')}.${received.header('webhook-timestamp')}.`
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const wanted = `v1,${hmac(key, Buffer.concat([Buffer.from(head), received.body])).digest('base64')}`
  return signatures.split(' ').some((signature) => equal(signature, wanted))
}

const Project = z.object({ path_with_namespace: z.string() })

const MergeRequest = z.object({
  user: z.object({ username: z.string() }).optional(),
  project: Project.extend({ git_http_url: z.string(), git_ssh_url: z.string(), web_url: z.string() }),
  object_attributes: z.object({
    iid: z.int().positive(),
    action: z.string().optional(),
    /** Only there when the commits are others than before. */
    oldrev: z.string().optional(),
    title: z.string(),
    url: z.string(),
    source_branch: z.string(),
    source_project_id: z.number().nullish(),
    target_project_id: z.number(),
    source: Project.nullish(),
    last_commit: z.object({ id: z.string() }),
  }),
})

const acts: Readonly<Record<string, 'open' | 'close'>> = {
  open: 'open',
  reopen: 'open',
  update: 'open',
  close: 'close',
  merge: 'close',
}

function readMergeRequest(name: string, payload: unknown): HookEvent {
  const { user, project, object_attributes: request } = MergeRequest.parse(payload)
  const { action = '' } = request
  const act = acts[action]
  if (!act || (action === 'update' && request.oldrev === undefined)) return { kind: 'other', name: `${name} ${action}` }
  const isOwn = request.source_project_id === request.target_project_id
  const pull = {
    urls: [project.git_http_url, project.git_ssh_url, project.web_url],
    project: project.path_with_namespace,
    number: request.iid,
    act,
    branch: request.source_branch,
    fork: isOwn ? null : (request.source?.path_with_namespace ?? 'a project that is gone'),
    commit: request.last_commit.id,
    title: firstLine(request.title),
    author: user?.username ?? '',
    webUrl: request.url,
  }
  return { kind: 'pull', name, pull }
}

function read(received: Received, payload: unknown): HookEvent {
  const name = received.header('x-gitlab-event')
  if (name === 'Merge Request Hook') return readMergeRequest(name, payload)
  if (!pushes.includes(name)) return { kind: 'other', name }
  const { ref, before, after, user_name, total_commits_count, commits, project } = Payload.parse(payload)
  const pushed = refOf(ref)
  if (!pushed) return { kind: 'other', name: `push of ${ref}` }
  const isWhole =
    commitOrNull(before ?? '') !== null && (total_commits_count ?? Number.POSITIVE_INFINITY) <= commits.length
  const push = {
    urls: [project.git_http_url, project.git_ssh_url, project.web_url],
    project: project.path_with_namespace,
    ref: pushed,
    defaultBranch: project.default_branch ?? undefined,
    commit: commitOrNull(after),
    message: firstLine(commits.find(({ id }) => id === after)?.message),
    pusher: user_name ?? '',
    ...(isWhole && { paths: pathsOf(commits) }),
  }
  return { kind: 'push', name, pushes: [push] }
}
