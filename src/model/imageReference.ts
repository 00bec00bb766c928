import { refuse } from './refusal.ts'

/** The name of an image in a registry, in its parts. */
export type ImageReference = {
  /** `docker.io`, `registry.example.com:5000`. */
  readonly server: string
  readonly path: string
  readonly tag: string
  readonly digest?: string
}

const part = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*'
const grammar = new RegExp(
  `^(?<path>${part}(?:/${part})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
)

/** As `docker pull` takes it: what names no registry is of Docker Hub, what names no tag is `latest`. */
export function imageReference(raw: string): ImageReference {
  const text = raw.trim()
  const found = text.length <= 500 ? splitServer(text) : undefined
  const groups = found && grammar.exec(found.rest)?.groups
  if (!found || !groups)
    return refuse('INVALID', 'image', 'must look like nginx:1.27, ghcr.io/ada/blog:v2 or …@sha256:…')
  const { path = '', tag = 'latest', digest } = groups
  return {
    server: found.server,
    path: found.server === hub && !path.includes('/') ? `library/${path}` : path,
    tag,
    ...(digest !== undefined && { digest }),
  }
}

const hub = 'docker.io'

/** A first part with a dot or a port, or localhost, is a registry. */
function splitServer(text: string): { server: string; rest: string } {
  const [first = '', ...more] = text.split('/')
  const isServer = more.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (!isServer) return { server: hub, rest: text }
  return { server: registryServer(first), rest: more.join('/') }
}

/** A registry as credentials are kept for it; Docker Hub has many names. */
export function registryServer(raw: string): string {
  const text = raw
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, '')
    .replace(/\/(?:v[12]\/?)?$/, '')
  if (['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com', hub].includes(text)) return hub
  const valid =
    /^(?:(?!-)[a-z0-9-]+(?:\.(?!-)[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(text) && text.length <= 260
  return valid
    ? text
    : refuse('INVALID', 'registry', 'must be the name of a registry, like ghcr.io or registry.example.com:5000')
}

/** Without tag and digest. */
export const repositoryOfImage = ({ server, path }: ImageReference) => `${server}/${path}`

/** What the Engine connects to for it. */
export const registryHost = (server: string) => (server === hub ? 'registry-1.docker.io' : server.replace(/:\d+$/, ''))

/** What the Engine calls it when it is given credentials. */
export const registryAddress = (server: string) => (server === hub ? 'https://index.docker.io/v1/' : server)
