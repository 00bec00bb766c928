import { createHmac } from 'node:crypto'
import type { Sent } from './deliveries.ts'

export type Requested = {
  /** Of the repository that it goes to. */
  readonly url: string
  readonly number?: number
  readonly act?: 'open' | 'again' | 'close'
  readonly branch?: string
  /** `owner/name` that it comes from, where that is another one. */
  readonly fork?: string
  readonly commit?: string
  readonly id?: string
}

const hex = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex')
const own = 'ada/blog'

type Filled = Required<Omit<Requested, 'fork'>> & { readonly from: string }
const filled = (pull: Requested): Filled => ({
  number: 7,
  act: 'open',
  branch: 'new-menu',
  commit: 'a'.repeat(40),
  id: `p-${Math.random()}`,
  from: pull.fork ?? own,
  ...pull,
})

const actions = {
  github: { open: 'opened', again: 'synchronize', close: 'closed' },
  gitea: { open: 'opened', again: 'synchronized', close: 'closed' },
  gitlab: { open: 'open', again: 'update', close: 'merge' },
  bitbucket: { open: 'pullrequest:created', again: 'pullrequest:updated', close: 'pullrequest:fulfilled' },
} as const

const githubBody = ({ url, number, branch, commit, from }: Filled, action: string) =>
  JSON.stringify({
    action,
    number,
    pull_request: {
      number,
      title: 'A new menu',
      html_url: `https://git.example/ada/blog/pull/${number}`,
      user: { login: 'eve' },
      head: { ref: branch, sha: commit, repo: { full_name: from } },
      base: { ref: 'main', sha: '1'.repeat(40), repo: { full_name: own } },
    },
    repository: { full_name: own, clone_url: url, ssh_url: 'git@github.com:ada/blog.git', html_url: url },
  })

/** What each provider sends of a pull request, in the shapes of their documents. */
export const pullsOf: Readonly<
  Record<'github' | 'gitlab' | 'gitea' | 'bitbucket', (pull: Requested, secret: string) => Sent>
> = {
  github(pull, secret) {
    const all = filled(pull)
    const body = githubBody(all, actions.github[all.act])
    const headers = {
      'x-github-event': 'pull_request',
      'x-github-delivery': all.id,
      'x-hub-signature-256': `sha256=${hex(secret, body)}`,
    }
    return { headers, body }
  },
  gitea(pull, secret) {
    const all = filled(pull)
    const body = githubBody(all, actions.gitea[all.act])
    const headers = {
      'x-gitea-event': 'pull_request',
      'x-gitea-delivery': all.id,
      'x-gitea-signature': hex(secret, body),
    }
    return { headers, body }
  },
  gitlab(pull, secret) {
    const all = filled(pull)
    const body = JSON.stringify({
      object_kind: 'merge_request',
      user: { username: 'eve' },
      project: {
        path_with_namespace: own,
        git_http_url: all.url,
        git_ssh_url: 'git@gitlab.com:ada/blog.git',
        web_url: 'https://gitlab.com/ada/blog',
      },
      object_attributes: {
        iid: all.number,
        action: actions.gitlab[all.act],
        ...(all.act === 'again' && { oldrev: '1'.repeat(40) }),
        title: 'A new menu',
        url: `https://gitlab.com/ada/blog/-/merge_requests/${all.number}`,
        source_branch: all.branch,
        source_project_id: all.from === own ? 1 : 2,
        target_project_id: 1,
        source: { path_with_namespace: all.from },
        last_commit: { id: all.commit },
      },
    })
    const headers = { 'x-gitlab-event': 'Merge Request Hook', 'x-gitlab-token': secret, 'idempotency-key': all.id }
    return { headers, body }
  },
  bitbucket(pull, secret) {
    const all = filled(pull)
    const body = JSON.stringify({
      pullrequest: {
        id: all.number,
        state: all.act === 'close' ? 'MERGED' : 'OPEN',
        title: 'A new menu',
        author: { display_name: 'Eve' },
        links: { html: { href: `https://bitbucket.org/ada/blog/pull-requests/${all.number}` } },
        source: {
          branch: { name: all.branch },
          commit: { hash: all.commit.slice(0, 12) },
          repository: { full_name: all.from },
        },
      },
      repository: { full_name: own, links: { html: { href: all.url } } },
    })
    const headers = {
      'x-event-key': actions.bitbucket[all.act],
      'x-request-uuid': all.id,
      'x-hub-signature': `sha256=${hex(secret, body)}`,
    }
    return { headers, body }
  },
}
