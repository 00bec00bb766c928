import { join } from 'node:path'
import { output, run } from '../lib/exec.ts'
import { imageReference, repositoryOfImage } from '../model/imageReference.ts'
import { labels } from '../model/instance.ts'
import { refuse } from '../model/refusal.ts'
import { shortId } from './images.ts'
import type { Making } from './making.ts'
import type { Stack } from './schema.ts'

type Of<K extends string> = Extract<Stack['base'], Record<K, unknown>>

/** A distribution's packages, and these besides, as an image without a name. Gives its id. */
export async function bootstrap(base: Of<'suite'>, packages: readonly string[], making: Making): Promise<string> {
  const { docker, env, signal, background } = making
  const archive = join(making.scratch, 'base.tar')
  const sources = base.mirror ? written(base, base.mirror) : await sourcesOfMachine(base)
  making.say(
    `-----> Making ${base.suite} from ${base.mirror ?? (sources ? "the machine's mirror" : 'the usual mirror')}`,
  )
  const made = await run(
    [
      ...(background ? (['nice', '-n', '19', 'mmdebstrap'] as const) : (['mmdebstrap'] as const)),
      '--variant=minbase',
      ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
      ...(base.components ? [`--components=${base.components.join(',')}`] : []),
      ...[base.suite, archive],
      ...(sources ? ['-'] : []),
    ],
    { input: sources, env: { ...env, ...(await proxyOfApt()) }, timeoutMs: base.seconds * 1_000, signal },
  )
  if (signal.aborted) refuse('CANCELLED', 'the end of the server')
  if (made.code === 137) refuse('STEP_TIMEOUT', `making ${base.suite}`, base.seconds)
  if (made.code !== 0) {
    const words = made.stderr.trimEnd().split('\n').slice(-6).join('\n')
    refuse('UNAVAILABLE', 'the base image', `mmdebstrap failed. Check the package mirror, then try again:\n${words}`)
  }
  const changes = ['--change', `LABEL ${labels.owned}=true`, '--change', 'ENV LANG=C.UTF-8']
  const host = ['-H', `unix://${docker.socket}`]
  return (await output([docker.client, ...host, 'import', ...changes, archive], { signal })).trim()
}

const written = ({ suite, components = ['main'] }: Of<'suite'>, mirror: string) =>
  `deb ${mirror} ${suite} ${components.join(' ')}\n`

/** The machine's own mirror, if it has the suite; otherwise mmdebstrap's default. */
async function sourcesOfMachine({ suite, components }: Of<'suite'>): Promise<string> {
  if (components) return ''
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)'
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'])
  return sourcesIn(targets.stdout, suite)
}

export function sourcesIn(targets: string, suite: string): string {
  const suites = new Set([suite, `${suite}-updates`, `${suite}-security`])
  const lines = targets.split('\n').filter((line) => suites.has(line.split(' ')[1] ?? ''))
  return lines.some((line) => line.split(' ')[1] === suite) ? lines.map((line) => `deb ${line}\n`).join('') : ''
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

/** The id of another image, fetched anew where that is wanted. */
export async function imageBase({ image, pull }: Of<'image'>, making: Making): Promise<string> {
  const { engine, say } = making
  const here = (pull ?? !image.startsWith('berth/')) ? await fetched(image, making) : image
  const found = await engine.registry.describe(here)
  if (!found) refuse('UNAVAILABLE', `the image ${image}`, 'it is not on this machine')
  say(`-----> Making it from ${image} (${shortId(found.id)})`)
  return found.id
}

async function fetched(image: string, { engine, say, signal }: Making): Promise<string> {
  say(`-----> Fetching ${image}`)
  const repository = repositoryOfImage(imageReference(image))
  const digest = await engine.registry.digest(image, { signal })
  await engine.registry.pull(repository, digest, { signal })
  return `${repository}@${digest}`
}
