import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

export type Argv = readonly [file: string, ...args: string[]]

export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string }

type Options = {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string | Buffer
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Bytes kept of each stream, from its end. */
  readonly keep?: number
}

/** The only place that starts programs: an argument list, never a shell. */
export function start([file, ...args]: Argv, options: SpawnOptions = {}): ChildProcess {
  return spawn(file, args, { ...options, shell: false })
}

/** Runs to the end; never throws for an exit code. A time limit or an abort kills with SIGKILL and gives code 137. */
export function run(argv: Argv, options: Options = {}): Promise<Finished> {
  const { cwd, env, input, timeoutMs, signal, keep = 1_000_000 } = options
  return new Promise((resolve, reject) => {
    const child = start(argv, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd && { cwd }), ...(env && { env }) })
    const kill = () => child.kill('SIGKILL')
    const timer = timeoutMs ? setTimeout(kill, timeoutMs) : undefined
    signal?.addEventListener('abort', kill, { once: true })
    const stdout = tail(child.stdout, keep)
    const stderr = tail(child.stderr, keep)
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
    child.on('error', reject)
    child.on('close', (code, killedBy) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', kill)
      resolve({ code: code ?? (killedBy ? 137 : 1), stdout: stdout(), stderr: stderr() })
    })
  })
}

/** Like `run`, and throws when the program fails; gives its standard output. */
export async function output(argv: Argv, options: Options = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options)
  if (code !== 0) throw new Error(`${argv.join(' ')} exited with ${code}: ${(stderr || stdout).trim()}`)
  return stdout
}

function tail(stream: NodeJS.ReadableStream | null, keep: number): () => string {
  let kept: Buffer = Buffer.alloc(0)
  // A program that ends while its other end is still being written to resets the pipe: what came before still counts.
  stream?.on('error', () => undefined)
  stream?.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk])
    if (kept.length > keep * 2) kept = kept.subarray(-keep)
  })
  return () => kept.subarray(-keep).toString('utf8')
}
