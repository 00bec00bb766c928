import type { Readable } from 'node:stream'
import { type Argv, start } from '../../lib/exec.ts'
import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'
import { type RepositoryKind, urlText } from '../../model/repository.ts'
import type { GitUser } from '../git/gitProcess.ts'
import { bytesOf } from './bytesOf.ts'
import type { Place } from './place.ts'

/** What a client of version control ended with. */
class ClientFailed extends Error {
  override readonly name = 'ClientFailed'
}

type Options = {
  readonly cwd?: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Its standard output goes into this file instead. */
  readonly into?: number
}

const packages: Readonly<Record<RepositoryKind, string>> = {
  git: 'git',
  hg: 'mercurial',
  svn: 'subversion',
  bzr: 'brz',
}

/**
 * Runs a client as the user git, with nothing of the server's environment, bounded in time and in what it writes;
 * gives its standard output. Whatever it started ends with it.
 */
export async function client(argv: Argv, place: Place, options: Options = {}): Promise<string> {
  const { settings, signal, repository } = place
  signal.throwIfAborted()
  const child = start(limited(argv, settings.maxBytes), {
    cwd: options.cwd ?? place.scratch,
    env: { ...place.env, ...options.env },
    detached: true,
    stdio: ['pipe', options.into ?? 'pipe', 'pipe'],
    ...identity(settings.user),
  })
  const stop = () => endGroup(child.pid)
  signal.addEventListener('abort', stop, { once: true })
  using _watch = watchSize(place, stop)
  child.stdin?.on('error', () => undefined).end(options.input)
  try {
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve(code ?? 137))
    })
    const [code, stdout, stderr] = await Promise.all([ended, textOf(child.stdout), textOf(child.stderr)])
    if (code === 0) return stdout
    throw await failureOf(code, `${stderr}\n${options.into === undefined ? stdout : ''}`, place, repository.kind)
  } finally {
    signal.removeEventListener('abort', stop)
    endGroup(child.pid)
  }
}

/** No file that it writes is larger than a repository may be. */
const limited = (argv: Argv, maxBytes: number): Argv => ['prlimit', `--fsize=${maxBytes}`, '--core=0', '--', ...argv]

const identity = ({ uid, gid }: GitUser) => (process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : {})

function endGroup(pid: number | undefined) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // all of them have ended
  }
}

const lookEveryMs = 3_000

function watchSize({ cache, scratch, settings }: Place, stop: () => void): Disposable {
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    const found = await bytesOf([cache, scratch], settings).catch(() => 0)
    looking = false
    if (found > settings.maxBytes * 2) stop()
  }
  const timer = setInterval(() => void look(), lookEveryMs).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

const mostText = 8_000_000

async function textOf(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of (stream ?? []) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= mostText) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function failureOf(code: number, said: string, place: Place, kind: RepositoryKind): Promise<Error> {
  const refused = place.egress?.refused()
  if (refused) return refused
  if (code === 127 || /failed to execute|No such file or directory/.test(said.split('\n')[0] ?? '')) missing(kind)
  if (place.signal.aborted) return new ClientFailed('it took too long')
  if (code === 137 || code === 153) return new ClientFailed('it is larger than a repository may be')
  return new ClientFailed(reasonIn(place.redact(said)) || `the client ended with code ${code}`)
}

const missing = (kind: RepositoryKind) =>
  refuse(
    'UNAVAILABLE',
    `the client of ${kind}`,
    `it is not on this machine; install it with: apt install ${packages[kind]}`,
  )

const changedKey = /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key .* has changed/i

/** Of many lines the one that says why. */
function reasonIn(said: string): string {
  if (changedKey.test(said))
    return 'the host shows another SSH key than before; if that is meant, remove the source and set it again'
  if (/Permission denied \(/.test(said))
    return 'the host does not take the deploy key; add it there (berth source show prints it)'
  const lines = said
    .split('\n')
    .map((line) =>
      printable(line)
        .replace(/^(fatal|error|abort|svn|brz|remote):\s*/i, '')
        .trim(),
    )
    .filter((line) => line !== '' && !/^(warning|hint):/i.test(line))
  return (
    lines.find((line) => /not found|denied|could not|unable|failed|refus|error|invalid/i.test(line)) ??
    lines[0] ??
    ''
  ).slice(0, 300)
}

/** What went wrong with a client, as a refusal that names the repository. */
export function refuseFetch(place: Place, error: unknown): never {
  if (!(error instanceof ClientFailed)) throw error
  return refuse('FETCH_FAILED', urlText(place.repository.url), error.message)
}

export const isClientFailure = (error: unknown): error is Error => error instanceof ClientFailed
