import { refuse } from '../../model/refusal.ts'

export type Service = 'receive-pack' | 'upload-pack'

export const actionOf = { 'receive-pack': 'app:deploy', 'upload-pack': 'app:read' } as const

const grammar = /^git[- ](receive-pack|upload-pack) (?:'([^'\\]*)'|([^\s'"\\]+))$/

/** What a client of git asks for over SSH. Everything else is refused; nothing of it ever reaches a shell. */
export function parseSshCommand(command: string): { service: Service; app: string } {
  const found = grammar.exec(command)
  if (!found) return refuse('INVALID', 'command', 'only git push, git fetch and git clone are possible here')
  return { service: found[1] as Service, app: appOfPath(found[2] ?? found[3] ?? '') }
}

/** `blog`, `blog.git`, `/blog.git`, `git/blog.git`; whether there is such an app, the store says. */
export function appOfPath(path: string): string {
  const name = /^\/?(?:git\/)?([a-z0-9-]{1,40}?)(?:\.git)?\/?$/.exec(path)?.[1]
  return name ?? refuse('INVALID', 'repository', 'its path is the name of an app, like "blog" or "blog.git"')
}
