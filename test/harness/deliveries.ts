import { createHmac } from 'node:crypto'

type Commit = { readonly added?: string[]; readonly modified?: string[]; readonly removed?: string[] }
export type Pushed = {
  readonly url: string
  readonly ref?: string
  readonly before?: string
  readonly after?: string
  readonly commits?: readonly Commit[]
  readonly id?: string
}

export type Sent = { readonly headers: Record<string, string>; readonly body: string }

const sha = (char: string) => char.repeat(40)
const hex = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex')

const whole = (push: Pushed): Required<Pushed> => ({
  ref: 'refs/heads/main',
  before: sha('1'),
  after: sha('a'),
  commits: [{ modified: ['index.html'] }],
  id: 'd-1',
  ...push,
})

/** What each provider sends when somebody pushes, in the shapes of their documents. */
export const deliveriesOf: Readonly<
  Record<'github' | 'gitlab' | 'gitea' | 'bitbucket', (push: Pushed, secret: string) => Sent>
> = {
  github(push, secret) {
    const { url, ref, before, after, commits, id } = whole(push)
    const body = JSON.stringify({
      ref,
      before,
      after,
      created: false,
      deleted: /^0+$/.test(after),
      forced: false,
      head_commit: { id: after, message: 'Second page\n\nwith more' },
      pusher: { name: 'ada', email: 'ada@example.com' },
      commits: commits.map((commit) => ({ id: after, message: 'x', added: [], modified: [], removed: [], ...commit })),
      repository: {
        id: 1,
        full_name: 'ada/blog',
        clone_url: url,
        ssh_url: 'git@github.com:ada/blog.git',
        html_url: 'https://github.com/ada/blog',
        default_branch: 'main',
      },
    })
    const headers = {
      'x-github-event': 'push',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${hex(secret, body)}`,
    }
    return { headers: { 'content-type': 'application/json', ...headers }, body }
  },
  gitlab(push, secret) {
    const { url, ref, before, after, commits, id } = whole(push)
    const body = JSON.stringify({
      object_kind: 'push',
      ref,
      before,
      after,
      checkout_sha: after,
      user_name: 'Ada',
      total_commits_count: commits.length,
      commits: commits.map((commit) => ({
        id: after,
        message: 'Second page',
        added: [],
        modified: [],
        removed: [],
        ...commit,
      })),
      project: {
        id: 1,
        path_with_namespace: 'ada/blog',
        git_http_url: url,
        git_ssh_url: 'git@gitlab.com:ada/blog.git',
        web_url: 'https://gitlab.com/ada/blog',
        default_branch: 'main',
      },
    })
    const headers = { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': secret, 'idempotency-key': id }
    return { headers: { 'content-type': 'application/json', ...headers }, body }
  },
  gitea(push, secret) {
    const { url, ref, before, after, commits, id } = whole(push)
    const body = JSON.stringify({
      ref,
      before,
      after,
      total_commits: commits.length,
      commits: commits.map((commit) => ({
        id: after,
        message: 'Second page',
        added: null,
        modified: null,
        removed: null,
        ...commit,
      })),
      head_commit: { id: after, message: 'Second page' },
      pusher: { login: 'ada' },
      repository: {
        id: 1,
        full_name: 'ada/blog',
        clone_url: url,
        ssh_url: 'git@gitea.example:ada/blog.git',
        html_url: 'https://gitea.example/ada/blog',
        default_branch: 'main',
      },
    })
    const headers = { 'x-gitea-event': 'push', 'x-gitea-delivery': id, 'x-gitea-signature': hex(secret, body) }
    return { headers: { 'content-type': 'application/json', ...headers }, body }
  },
  bitbucket(push, secret) {
    const { url, ref, after, id } = whole(push)
    const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? []
    const target = { type: 'commit', hash: after, message: 'Second page\n' }
    const body = JSON.stringify({
      push: {
        changes: [
          { new: { type: kind === 'tags' ? 'tag' : 'branch', name, target }, old: null, forced: false, closed: false },
        ],
      },
      actor: { display_name: 'Ada' },
      repository: { full_name: 'ada/blog', links: { html: { href: url } }, type: 'repository' },
    })
    const headers = {
      'x-event-key': 'repo:push',
      'x-request-uuid': id,
      'x-hub-signature': `sha256=${hex(secret, body)}`,
    }
    return { headers: { 'content-type': 'application/json', ...headers }, body }
  },
}
