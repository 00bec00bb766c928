import { z } from 'zod'
import { firstLine, type HookEvent } from './provider.ts'
import { Repository, urlsOf } from './repository.ts'

const Named = z.object({ full_name: z.string() })

const Payload = z.object({
  action: z.string(),
  number: z.int().positive(),
  pull_request: z.object({
    title: z.string(),
    html_url: z.string(),
    user: z.object({ login: z.string() }).nullish(),
    head: z.object({ ref: z.string(), sha: z.string(), repo: Named.nullish() }),
    base: z.object({ repo: Named }),
  }),
  repository: Repository.omit({ default_branch: true }),
})

/** GitHub's names of what happens to a pull request, and Gitea's. */
const acts: Readonly<Record<string, 'open' | 'close'>> = {
  opened: 'open',
  reopened: 'open',
  synchronize: 'open',
  synchronized: 'open',
  closed: 'close',
}

/** As GitHub tells of a pull request, and Gitea after it. */
export function readPullRequest(name: string, payload: unknown): HookEvent {
  const { action, number, pull_request: request, repository } = Payload.parse(payload)
  const act = acts[action]
  if (!act) return { kind: 'other', name: `${name} ${action}` }
  const { head, base } = request
  const isOwn = head.repo?.full_name === base.repo.full_name
  const pull = {
    urls: urlsOf(repository),
    project: repository.full_name,
    number,
    act,
    branch: head.ref,
    fork: isOwn ? null : (head.repo?.full_name ?? 'a repository that is gone'),
    commit: head.sha,
    title: firstLine(request.title),
    author: request.user?.login ?? '',
    webUrl: request.html_url,
  }
  return { kind: 'pull', name, pull }
}
