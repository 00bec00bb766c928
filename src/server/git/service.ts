import type { Readable, Writable } from 'node:stream'
import type { Actor } from '../../model/policy.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import { authorizeApp } from '../store/access.ts'
import type { GitContext } from './context.ts'
import { deliver, ended, feed, startGit } from './gitProcess.ts'
import type { Push } from './pushes.ts'
import type { Repository } from './repositories.ts'
import { actionOf, type Service } from './sshCommand.ts'

export type Request = {
  readonly service: Service
  readonly app: string
  readonly actor: Actor
  readonly from: string
  readonly protocol: string
  readonly flags: readonly string[]
}

export type Client = { readonly input: Readable; readonly output: Writable; error(text: Buffer): void }

/** The repository of the app, for those who may. */
export async function openFor(
  { service, app, actor }: Request,
  { store, repositories }: GitContext,
): Promise<Repository> {
  const row = await store
    .read((tx) => authorizeApp(tx, actor, actionOf[service], app))
    .catch((error) => withHint(error, app))
  return await repositories.open(row)
}

function withHint(error: unknown, app: string): never {
  if (!(error instanceof Refusal) || error.code !== 'NOT_FOUND') throw error
  throw new Refusal('NOT_FOUND', `${error.message}\ncreate it with: berth app create ${app}`)
}

/** A place among the git processes; taken before anything is answered, for a refusal comes instead of an answer. */
export const takePlace = ({ actor }: Request, { slots }: GitContext): Disposable =>
  slots.take(actor.id) ?? refuse('UNAVAILABLE', 'git', 'too many pushes and fetches run at once; try again in a moment')

/** Runs git for a client, over whatever transport. A push goes on when its client goes away; a fetch does not. */
export async function serve(
  request: Request,
  repository: Repository,
  client: Client,
  ctx: GitContext,
): Promise<number> {
  const pushes = request.service === 'receive-pack'
  const push = pushes ? ctx.pushes.open({ ...request, repository }) : undefined
  try {
    return await exchange(request, repository, client, ctx, push)
  } finally {
    push?.finish()
    if (pushes) ctx.maintenance.after(repository)
  }
}

async function exchange(request: Request, { path }: Repository, client: Client, ctx: GitContext, push?: Push) {
  const { service, flags } = request
  const timeout = push ? [] : ['--strict', '--timeout=600']
  const env = { ...protocolEnv(request), ...(push && { BERTH_PUSH: push.token, BERTH_SOCKET: ctx.socket }) }
  const child = startGit([service, ...timeout, ...flags, path], {
    user: ctx.user,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const stop = () => child.kill('SIGTERM')
  if (!push) ctx.stopping.addEventListener('abort', stop)
  feed(client.input, child.stdin)
  deliver(child.stdout, client.output, () => void (push ?? stop()))
  child.stderr?.on('data', (text: Buffer) => client.error(text))
  const code = await ended(child)
  ctx.stopping.removeEventListener('abort', stop)
  return code
}

/** Only fetches know other versions than the first; nothing but a version gets through. */
const protocolEnv = ({ service, protocol }: Request) =>
  service === 'upload-pack' && /^version=[0-2]$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}
