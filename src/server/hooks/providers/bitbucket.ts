import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { atApi, firstLine, type HookEvent, isHexSigned, type Provider, projectPath, type Received } from './provider.ts'

const Ref = z.object({
  type: z.string(),
  name: z.string(),
  target: z.object({ hash: z.string(), message: z.string().optional() }).optional(),
})

const Payload = z.object({
  push: z.object({ changes: z.array(z.object({ new: Ref.nullish(), old: Ref.nullish() })).max(1_000) }),
  actor: z.object({ display_name: z.string().optional() }).optional(),
  repository: z.object({
    full_name: z.string(),
    links: z.object({ html: z.object({ href: z.string() }) }),
    mainbranch: z.object({ name: z.string() }).nullish(),
  }),
})

const states = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', cancelled: 'STOPPED' } as const

/** Bitbucket Cloud. It does not say which files a push has changed. */
export const bitbucket: Provider = {
  newSecret: () => randomBytes(24).toString('hex'),
  isSigned: (received, secret) =>
    isHexSigned(received, received.header('x-hub-signature').replace(/^sha256=/, ''), secret),
  deliveryOf: (received) => received.header('x-request-uuid'),
  read,
  apiUrl: () => 'https://api.bitbucket.org/2.0',
  report: ({ project, commit, state, context, description, url }, { apiUrl, token }) => ({
    url: atApi(apiUrl, `/repositories/${projectPath(project)}/commit/${commit}/statuses/build`),
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    body: {
      key: context.slice(0, 40),
      state: states[state],
      name: context,
      url,
      description: description.slice(0, 255),
    },
  }),
}

const Repository = z.object({ full_name: z.string(), links: z.object({ html: z.object({ href: z.string() }) }) })

const PullRequest = z.object({
  pullrequest: z.object({
    id: z.int().positive(),
    title: z.string(),
    author: z.object({ display_name: z.string().optional() }).nullish(),
    links: z.object({ html: z.object({ href: z.string() }) }),
    source: z.object({
      branch: z.object({ name: z.string() }),
      commit: z.object({ hash: z.string() }).nullish(),
      repository: z.object({ full_name: z.string() }).nullish(),
    }),
  }),
  repository: Repository,
})

const acts: Readonly<Record<string, 'open' | 'close'>> = {
  'pullrequest:created': 'open',
  'pullrequest:updated': 'open',
  'pullrequest:fulfilled': 'close',
  'pullrequest:rejected': 'close',
}

/** Its commits are named by their first letters only. */
function readPullRequest(name: string, act: 'open' | 'close', payload: unknown): HookEvent {
  const { pullrequest, repository } = PullRequest.parse(payload)
  const { source } = pullrequest
  const isOwn = source.repository?.full_name === repository.full_name
  const pull = {
    urls: [repository.links.html.href],
    project: repository.full_name,
    number: pullrequest.id,
    act,
    branch: source.branch.name,
    fork: isOwn ? null : (source.repository?.full_name ?? 'a repository that is gone'),
    commit: source.commit?.hash ?? '',
    title: firstLine(pullrequest.title),
    author: pullrequest.author?.display_name ?? '',
    webUrl: pullrequest.links.html.href,
  }
  return { kind: 'pull', name, pull }
}

function read(received: Received, payload: unknown): HookEvent {
  const name = received.header('x-event-key')
  if (name === 'diagnostics:ping') return { kind: 'ping' }
  if (acts[name]) return readPullRequest(name, acts[name], payload)
  if (name !== 'repo:push') return { kind: 'other', name }
  const { push, actor, repository } = Payload.parse(payload)
  const pushes = push.changes.flatMap(({ new: now, old }) => {
    const ref = now ?? old
    if (!ref || (ref.type !== 'branch' && ref.type !== 'tag')) return []
    const kind = ref.type === 'tag' ? ('tag' as const) : ('branch' as const)
    return [
      {
        urls: [repository.links.html.href],
        project: repository.full_name,
        ref: { kind, name: ref.name },
        defaultBranch: repository.mainbranch?.name,
        commit: now?.target?.hash ?? null,
        message: firstLine(now?.target?.message),
        pusher: actor?.display_name ?? '',
      },
    ]
  })
  return { kind: 'push', name, pushes }
}
