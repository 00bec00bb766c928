import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { type Argv, start } from '../../lib/exec.ts'

/** Who git runs as: it parses what strangers send, so never as root where that can be helped. */
export type GitUser = { readonly name: string; readonly uid: number; readonly gid: number }

/** All that git may know of its surroundings: nobody's configuration, no prompts, no replaced objects. */
export const gitEnv = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
} as const

export type GitOptions = {
  readonly user: GitUser
  readonly env?: Readonly<Record<string, string>>
  readonly stdio?: ('pipe' | 'ignore' | number)[]
  readonly cwd?: string
}

export function startGit(args: readonly string[], options: GitOptions): ChildProcess {
  const { user, env, stdio = ['ignore', 'pipe', 'pipe'], cwd = '/' } = options
  const argv: Argv = ['git', ...args]
  return start(argv, { stdio, cwd, env: { ...gitEnv, ...env }, ...identity(user) })
}

/** Only root may become another user, and nobody needs to become who they are. */
const identity = ({ uid, gid }: GitUser) => (process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : {})

/** Resolves with the exit code once all output was read. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 137))
  })
}

type AnswerOptions = GitOptions & { readonly input?: string; readonly limit?: number }

/** Runs git for a short answer. An answer over the limit stops it, and what came until then is given. */
export async function git(args: readonly string[], options: AnswerOptions): Promise<Buffer> {
  const { limit = 1_000_000 } = options
  const child = startGit(args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin?.on('error', () => undefined).end(options.input)
  const [code, stdout, stderr] = await Promise.all([
    ended(child),
    collect(child, child.stdout, limit),
    collect(child, child.stderr, 100_000),
  ])
  if (code !== 0 && stdout.length <= limit)
    throw new Error(`git ${args.join(' ')} exited with ${code}: ${stderr.toString('utf8').trim()}`)
  return stdout
}

async function collect(child: ChildProcess, stream: Readable | null, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream ?? []) {
    size += chunk.length
    chunks.push(chunk)
    if (size > limit) break
  }
  if (size > limit) child.kill('SIGKILL')
  return Buffer.concat(chunks)
}

/** Gives a process its input. A client that goes away in the middle is an early end to git. */
export function feed(input: Readable, stdin: Writable | null) {
  if (!stdin) return
  stdin.on('error', () => void input.unpipe(stdin).resume())
  input.on('error', () => stdin.end()).on('close', () => stdin.end())
  input.pipe(stdin)
}

/** Passes output on; after the receiver is gone, reads on so that the process never waits for it. */
export function deliver(from: Readable | null, to: Writable, onGone: () => void) {
  if (!from) return
  to.on('error', () => undefined)
  to.on('close', () => {
    from.unpipe(to).resume()
    onGone()
  })
  from.pipe(to, { end: false })
  if (to.destroyed) from.unpipe(to).resume()
}
