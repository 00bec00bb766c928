import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Api, EngineError } from './api.ts'

export type RegistryAuth = { readonly username: string; readonly password: string; readonly serveraddress: string }

export type ImageConfig = {
  readonly id: string
  readonly os: string
  readonly architecture: string
  readonly bytes: number
  /** TCP ports that it says it listens on. */
  readonly ports: readonly number[]
  readonly hasCommand: boolean
}

type Pull = { readonly auth?: RegistryAuth | undefined; readonly signal?: AbortSignal }
type PullBounded = Pull & {
  /** Of all its layers as they are packed. */
  readonly mostBytes?: number
}

/** The image is larger than may be. */
export class ImageTooLarge extends Error {
  override readonly name = 'ImageTooLarge'
}

/** A registry may take its time. */
const patienceMs = 10 * 60 * 1000

/** Images that come from elsewhere. */
export const registryImages = (api: Api) => ({
  /** What a name stands for in its registry right now, `sha256:…`. */
  async digest(name: string, { auth, signal }: Pull = {}): Promise<string> {
    const { Descriptor } = await api.json<{ Descriptor: { digest: string } }>({
      path: `/distribution/${name}/json`,
      ...headersOf(auth),
      ...(signal && { signal }),
    })
    return Descriptor.digest
  },

  /** By digest: no tag of this machine is touched. Throws ImageTooLarge as soon as that shows. */
  async pull(repository: string, digest: string, { auth, signal, mostBytes }: PullBounded = {}): Promise<void> {
    const call = {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: `${repository}@${digest}` },
      withinMs: patienceMs,
      ...headersOf(auth),
      ...(signal && { signal }),
    } as const
    await untilDone(await api.stream(call), mostBytes)
  },

  /** Takes in the images of a tar file as `docker save` writes it. */
  async load(content: Readable, signal?: AbortSignal): Promise<void> {
    const call = {
      method: 'POST',
      path: '/images/load',
      query: { quiet: true },
      content,
      withinMs: patienceMs,
    } as const
    await untilDone(await api.stream({ ...call, ...(signal && { signal }) }))
  },

  /** Undefined when there is no such image here. */
  async describe(name: string): Promise<ImageConfig | undefined> {
    try {
      return configOf(await api.json<RawImage>({ path: `/images/${encodeURIComponent(name)}/json` }))
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined
      throw error
    }
  },

  /** The same image once more, with our labels and under our name; nothing of it runs. Gives its id. */
  async relabel(
    image: string,
    name: { repo: string; tag: string },
    labels: Readonly<Record<string, string>>,
  ): Promise<string> {
    const { Id } = await api.json<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      body: { Image: image },
    })
    try {
      const changes = Object.entries(labels).map(([key, value]) => `LABEL ${key}=${JSON.stringify(value)}`)
      const query = new URLSearchParams([
        ['container', Id],
        ['repo', name.repo],
        ['tag', name.tag],
        ['pause', 'false'],
      ])
      for (const change of changes) query.append('changes', change)
      const made = await api.json<{ Id: string }>({ method: 'POST', path: `/commit?${query}`, withinMs: patienceMs })
      return made.Id
    } finally {
      await api
        .json({ method: 'DELETE', path: `/containers/${Id}`, query: { force: true, v: true } })
        .catch(() => undefined)
    }
  },
})

const headersOf = (auth: RegistryAuth | undefined) => (auth ? { headers: authHeader(auth) } : {})

/** Base64 for URLs, but padded: the Engine reads no other, and what it cannot read counts as no credentials. */
export function authHeader(auth: RegistryAuth) {
  const text = Buffer.from(JSON.stringify(auth)).toString('base64')
  return { 'x-registry-auth': text.replaceAll('+', '-').replaceAll('/', '_') }
}

type Progress = {
  readonly error?: unknown
  readonly id?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
}

/** The Engine says 200 before it begins, and what went wrong in a line. When we go away, it stops. */
async function untilDone(stream: Readable, mostBytes = Number.POSITIVE_INFINITY): Promise<void> {
  const layers = new Map<string, number>()
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const { error, id = '', status, progressDetail: { current = 0, total = 0 } = {} } = parsed(line)
      if (error !== undefined) throw new EngineError(500, String(error))
      if (status === 'Downloading') layers.set(id, Math.max(layers.get(id) ?? 0, current, total))
      if (layers.values().reduce((sum, bytes) => sum + bytes, 0) > mostBytes) throw new ImageTooLarge()
    }
  } finally {
    stream.destroy()
  }
}

function parsed(line: string): Progress {
  try {
    return JSON.parse(line) as Progress
  } catch {
    return {}
  }
}

type RawImage = {
  Id: string
  Os: string
  Architecture: string
  Size: number
  Config: { ExposedPorts?: Record<string, object> | null; Cmd?: string[] | null; Entrypoint?: string[] | null }
}

const configOf = ({ Id, Os, Architecture, Size, Config }: RawImage): ImageConfig => ({
  id: Id,
  os: Os,
  architecture: Architecture,
  bytes: Size,
  ports: Object.keys(Config.ExposedPorts ?? {}).flatMap((port) =>
    port.endsWith('/tcp') ? [Number.parseInt(port, 10)] : [],
  ),
  hasCommand: (Config.Cmd?.length ?? 0) + (Config.Entrypoint?.length ?? 0) > 0,
})
