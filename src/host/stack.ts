import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { output, run } from '../lib/exec.ts'
import { labels } from '../model/instance.ts'
import { refuse } from '../model/refusal.ts'
import type { Host } from './host.ts'

const SUITE = 'bookworm'

/** The image that runtimes are built on, made from the distribution's packages: no container registry is needed. */
export async function ensureStack({ config, engine, env }: Host): Promise<string> {
  if (await engine.images.exists(config.stack)) return `${config.stack}, there`
  const folder = join(config.builds.cache, 'stack')
  const archive = join(folder, `${process.pid}.tar`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    await bootstrap(archive, env)
    await output([
      config.docker.client,
      ...['-H', `unix://${config.docker.socket}`, 'import'],
      ...['--change', `LABEL ${labels.owned}=true`, '--change', 'ENV LANG=C.UTF-8'],
      ...[archive, config.stack],
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return config.stack
}

async function bootstrap(archive: string, env: NodeJS.ProcessEnv) {
  const sources = await sourcesOfMachine()
  const made = await run(
    ['mmdebstrap', '--variant=minbase', '--include=ca-certificates', SUITE, archive, ...(sources ? ['-'] : [])],
    { input: sources, env: { ...env, ...(await proxyOfApt()) } },
  )
  if (made.code === 0) return
  const words = made.stderr.trimEnd().split('\n').slice(-6).join('\n')
  refuse('UNAVAILABLE', 'the base image', `mmdebstrap failed. Check the package mirror, then try again:\n${words}`)
}

/** The machine's own mirror, if it has the suite; otherwise mmdebstrap's default. */
async function sourcesOfMachine(): Promise<string> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)'
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'])
  return sourcesIn(targets.stdout)
}

export function sourcesIn(targets: string): string {
  const suites = new Set([SUITE, `${SUITE}-updates`, `${SUITE}-security`])
  const lines = targets.split('\n').filter((line) => suites.has(line.split(' ')[1] ?? ''))
  return lines.some((line) => line.split(' ')[1] === SUITE) ? lines.map((line) => `deb ${line}\n`).join('') : ''
}

/** mmdebstrap does not read the machine's apt settings. */
async function proxyOfApt(): Promise<NodeJS.ProcessEnv> {
  const names = { http_proxy: 'Acquire::http::Proxy', https_proxy: 'Acquire::https::Proxy' }
  const asked = await run(['apt-config', 'dump', '--format', '%f=%v%n', ...Object.values(names)])
  const value = (key: string) => new RegExp(`^${key}=(.+)$`, 'm').exec(asked.stdout)?.[1]
  return Object.fromEntries(
    Object.entries(names).flatMap(([variable, key]) => (value(key) ? [[variable, value(key)]] : [])),
  )
}
