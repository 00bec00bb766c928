import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { output, run } from '../../src/lib/exec.ts'
import type { Built } from '../../src/model/release.ts'
import { type Variables, withScope } from '../../src/model/variables.ts'
import { buildImage } from '../../src/server/build/build.ts'
import type { BuildRequest, BuildSettings } from '../../src/server/build/request.ts'
import { randomName, removeOwned } from './docker.ts'
import { until } from './wait.ts'

const docker = '/usr/bin/docker'
const socket = '/var/run/docker.sock'
export const stack = 'berth/stack:bookworm'

type Files = Readonly<Record<string, string | Buffer>>
type Options = {
  /** Variables that the build sees. */
  readonly env?: Record<string, string>
  /** Variables of any scope. */
  readonly variables?: Variables
  readonly team?: string
  readonly signal?: AbortSignal
  readonly onLine?: (line: string) => void
  /** What else a request may say. */
  readonly more?: Partial<Pick<BuildRequest, 'metadata' | 'previous' | 'fresh' | 'hosts'>>
}
type Outcome = Built & { readonly log: readonly string[]; readonly ms: number }

/** A place to build in, with its own labels and caches; `end` removes all that it made. */
export async function buildPlace(changes: Partial<BuildSettings> = {}) {
  await ensureStack()
  const folder = await mkdtemp(join(tmpdir(), 'berth-build-'))
  const cluster = randomName()
  const cacheDir = join(folder, 'cache')
  await mkdir(cacheDir)
  const limits = { memoryMb: 1_024, cpu: 2, pids: 512, timeoutMs: 300_000 }
  const settings = {
    dockerClient: docker,
    dockerSocket: socket,
    stack,
    cluster,
    cacheDir,
    limits,
    hostEnv: process.env,
    ...changes,
  }
  const engine = openEngine(socket)
  let builds = 0

  async function build(app: string, source: string, options: Options = {}): Promise<Outcome> {
    const log: string[] = []
    const tar = join(folder, `${app}-${++builds}.tar`)
    await output(['tar', '-C', source, '-cf', tar, '.'])
    const started = performance.now()
    const built = await buildImage(
      {
        app,
        team: options.team ?? 'test',
        id: `b${builds}`,
        source: tar,
        ...options.more,
        variables: { ...withScope(options.env ?? {}, () => 'build'), ...options.variables },
        log: (line) => {
          log.push(line)
          options.onLine?.(line)
        },
        signal: options.signal ?? new AbortController().signal,
      },
      { ...settings },
    )
    return { ...built, log, ms: performance.now() - started }
  }

  return {
    folder,
    settings,
    engine,
    build,
    /** A folder with these files; may be changed and built again. */
    async folderOf(files: Files): Promise<string> {
      const path = await mkdtemp(join(folder, 'app-'))
      await writeFiles(path, files)
      return path
    },
    async example(name: string): Promise<string> {
      const path = await mkdtemp(join(folder, `${name}-`))
      await cp(join(import.meta.dirname, '../../examples', name), path, { recursive: true })
      return path
    },
    start: (built: Built, env: Record<string, string> = {}) => started(engine, cluster, built, env),
    /** Fetches a path from a container that runs the way Berth's instances do. */
    fetchFrom: (built: Built, path: string) => fetchFrom(engine, cluster, built, path),
    /** What builds left in the folder for their own use. */
    leftovers: async () => (await readdir(join(cacheDir, 'tmp')).catch(() => [])).length,
    /** Which of these texts stand in the image: in its history or in any of its layers. */
    searchImage: (image: string, texts: readonly string[]) => searchImage(image, texts, 0),
    /** The same without the layer of the stack. */
    searchNewLayers: (image: string, texts: readonly string[]) => searchImage(image, texts, 1),
    noProcess: (word: string) =>
      until(`the process ${word} to end`, async () => !(await commands()).some((line) => line.includes(word))),
    async end(): Promise<void> {
      await removeOwned(engine, cluster)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

/** Starts a container the way Berth's instances run; it goes away with what is returned. */
async function started({ api, containers }: Engine, cluster: string, built: Built, env: Record<string, string> = {}) {
  const [web] = built.formation.processes
  const variables = { ...env, PORT: String(built.formation.port) }
  const body = {
    Image: built.image,
    Cmd: web?.command.length ? web.command : undefined,
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    Labels: { 'berth.cluster': cluster },
    HostConfig: { CapDrop: ['ALL'], Init: true },
  }
  const { Id } = await api.json<{ Id: string }>({ method: 'POST', path: '/containers/create', body })
  await containers.start(Id)
  const { NetworkSettings } = await api.json<{ NetworkSettings: { IPAddress: string } }>({
    path: `/containers/${Id}/json`,
  })
  const address = NetworkSettings.IPAddress
  return {
    address,
    fetch: (path: string, init: RequestInit = {}) => {
      const url = `http://${address}:${built.formation.port}${path}`
      return until(`an answer of ${url}`, () => fetch(url, init).catch(() => undefined))
    },
    [Symbol.asyncDispose]: async () => void (await containers.remove(Id)),
  }
}

async function fetchFrom(engine: Engine, cluster: string, built: Built, path: string) {
  await using instance = await started(engine, cluster, built)
  const response = await instance.fetch(path)
  return { status: response.status, body: await response.text() }
}

async function searchImage(image: string, texts: readonly string[], skip: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-image-'))
  try {
    await output([docker, 'save', '-o', join(folder, 'image.tar'), image])
    await output(['tar', '-C', folder, '-xf', join(folder, 'image.tar')])
    const [manifest] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    const files = [manifest.Config, ...manifest.Layers.slice(skip)]
    const contents = await Promise.all(files.map((file: string) => readFile(join(folder, file))))
    return texts.filter((text) => contents.some((content) => content.includes(text)))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The command lines of all processes of this machine. */
async function commands(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
}

/** What `./berth up` makes; only here where the tests run alone. */
async function ensureStack(): Promise<void> {
  if ((await run([docker, 'image', 'inspect', stack])).code === 0) return
  const folder = await mkdtemp(join(tmpdir(), 'berth-stack-'))
  const tar = join(folder, 'stack.tar')
  await output(['mmdebstrap', '--variant=minbase', '--include=ca-certificates', 'bookworm', tar])
  await output([docker, 'import', tar, stack])
  await rm(folder, { recursive: true })
}

/** A zip file of uncompressed files: what a Python wheel is. */
export function zipOf(files: Readonly<Record<string, string>>): Buffer {
  let offset = 0
  const entries = Object.entries(files).map(([name, content]) => {
    const data = Buffer.from(content)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    writeSizes(local, 14, data)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(20, 6)
    writeSizes(central, 16, data)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE(offset, 42)
    const record = Buffer.concat([local, Buffer.from(name), data])
    offset += record.length
    return { record, central: Buffer.concat([central, Buffer.from(name)]) }
  })
  const directory = Buffer.concat(entries.map(({ central }) => central))
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...entries.map(({ record }) => record), directory, end])
}

function writeSizes(header: Buffer, at: number, data: Buffer): void {
  header.writeUInt32LE(crc32(data), at)
  header.writeUInt32LE(data.length, at + 4)
  header.writeUInt32LE(data.length, at + 8)
}
