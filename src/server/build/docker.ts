import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { start } from '../../lib/exec.ts'
import type { BuildStep } from '../../model/build.ts'
import { type Failure, Progress } from './progress.ts'
import type { BuildSettings } from './request.ts'

export type DockerBuild = {
  readonly context: AsyncIterable<Buffer>
  readonly dockerfile: string
  readonly tag: string
  readonly labels: Readonly<Record<string, string>>
  readonly target?: string
  /** Take no layer of an earlier build. */
  readonly fresh?: boolean
  readonly args?: Readonly<Record<string, string>>
  /** Predefined proxy arguments; they may hold passwords, so they go by environment. */
  readonly proxies: Readonly<Record<string, string>>
  /** Files by the name that build steps ask for. */
  readonly secrets: Readonly<Record<string, string>>
  /** An own empty folder for the time of the build. */
  readonly scratch: string
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  readonly title: (name: string) => string | undefined
  readonly onStep?: (step: BuildStep) => void
  readonly redact?: (line: string) => string
}

export type DockerResult = { readonly image: string } | { readonly failure: Failure }

/** One `docker build` with BuildKit, its context on standard input. An abort ends exactly this build. */
export async function dockerBuild(build: DockerBuild, settings: BuildSettings): Promise<DockerResult> {
  const { log, title, redact, onStep, signal, scratch } = build
  const progress = new Progress({ log, title, ...(onStep && { onStep }), ...(redact && { redact }) })
  const iidFile = join(scratch, 'image')
  const child = start([settings.dockerClient, ...argumentsOf(build, iidFile)], {
    env: environment(build, settings),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
  if (signal.aborted) kill()
  const ended = new Promise<number>((resolve, reject) =>
    child.on('error', reject).on('close', (code) => resolve(code ?? 137)),
  )
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => progress.line(line))
  try {
    const sent = child.stdin ? pipeline(Readable.from(build.context), child.stdin).catch(brokenPipe) : undefined
    const code = await ended
    await sent
    return code === 0 ? { image: await readFile(iidFile, 'utf8') } : { failure: progress.failure() }
  } finally {
    signal.removeEventListener('abort', kill)
    kill()
  }
}

function argumentsOf(build: DockerBuild, iidFile: string): string[] {
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  return [
    'build',
    '--progress=plain',
    '--force-rm',
    '--iidfile',
    iidFile,
    '--tag',
    build.tag,
    '--file',
    build.dockerfile,
    ...pairs('--label', build.labels),
    ...pairs('--build-arg', build.args ?? {}),
    ...Object.keys(build.proxies).flatMap((name) => ['--build-arg', name]),
    ...Object.entries(build.secrets).flatMap(([id, path]) => ['--secret', `id=${id},src=${path}`]),
    ...(build.target ? ['--target', build.target] : []),
    ...(build.fresh ? ['--no-cache'] : []),
    '-',
  ]
}

const environment = ({ proxies, scratch }: DockerBuild, settings: BuildSettings): NodeJS.ProcessEnv => ({
  ...proxies,
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: scratch,
  DOCKER_HOST: `unix://${settings.dockerSocket}`,
  DOCKER_BUILDKIT: '1',
  BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
})

/** The client ends early when it refuses the build; why, it says itself. */
function brokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}
