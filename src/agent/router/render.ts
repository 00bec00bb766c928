import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { html, pages, plain } from './pages.ts'
import type { HostMaps, Layout, MapName, RouterSettings, RouteServer } from './routes.ts'
import { bindAddress, ipAddress, path, portNumber, quoted, token } from './token.ts'

export const apiBackend = 'api'

/** Divides what only an upgrade or a setting changes from what every release changes. */
const divider = '# Backends: one per app, the rest spare'

export const mapPath = (settings: RouterSettings, map: MapName) => join(dirname(settings.config), `${map}.map`)

export const renderConfig = (settings: RouterSettings, layout: Pick<Layout, 'backends' | 'apps' | 'servers'>) =>
  withBackends(renderHead(settings), renderBackends(layout))

/** The head of one configuration with the backends of another: settings change while apps stay. */
export const withHeadOf = (settings: RouterSettings, config: string) =>
  withBackends(renderHead(settings), config.split(`${divider}\n`)[1] ?? '')

/** Shown by HAProxy's `show info`: tells whether it runs with this head. */
export const headVersion = (settings: RouterSettings) =>
  createHash('sha256').update(headText(settings, 'none')).digest('hex').slice(0, 16)

export const renderMap = (map: HostMaps[MapName]) =>
  [...map]
    .map(([host, backend]) => `${token(host)} ${token(backend)}\n`)
    .sort()
    .join('')

/** The arguments of a server line, the same for `add server` and the file. */
export const serverArguments = ({ address, port }: Pick<RouteServer, 'address' | 'port'>) =>
  // Without a purge delay and a limit, a server added at run time keeps no idle connections at all (HAProxy 2.6).
  `${ipAddress(address)}:${portNumber(port)} pool-purge-delay 5s pool-max-conn -1`

export const backendName = (number: number) => `b${number}`

const withBackends = (head: string, backends: string) => `${head}${divider}\n${backends}`

const renderHead = (settings: RouterSettings) => headText(settings, headVersion(settings))

function renderBackends({ backends, apps, servers }: Pick<Layout, 'backends' | 'apps' | 'servers'>): string {
  const appOf = new Map([...apps].map(([app, backend]) => [backend, app]))
  return backends.map((name) => renderBackend(name, appOf.get(name), servers.get(name) ?? [])).join('')
}

function renderBackend(name: string, app: string | undefined, servers: readonly RouteServer[]): string {
  const ready = servers.filter(({ state }) => state === 'ready')
  const comment = app === undefined ? '' : ` # ${token(app)}`
  return [
    `backend ${token(name)} from app${comment}\n`,
    ...ready.map((server) => `  server ${token(server.id)} ${serverArguments(server)}\n`),
  ].join('')
}

const headText = (settings: RouterSettings, version: string) => `# Written by Berth; changes are overwritten.
global
  description ${token(version)}
  stats socket ${path(settings.socket)} mode 600 level admin expose-fd listeners
  stats timeout 1m
  hard-stop-after 15m
  fd-hard-limit 65536
${settings.user ? `  user ${token(settings.user)}\n  group ${token(settings.user)}\n` : ''}
defaults base
  mode http
  timeout connect 5s
  timeout client 5m
  timeout server 5m
  timeout tunnel 1h
  timeout queue 10s
  timeout http-request 15s
  timeout http-keep-alive 60s
  timeout client-fin 10s
  timeout server-fin 10s
  http-reuse safe
${errorPage(502, 'badGateway')}${errorPage(503, 'unavailable')}${errorPage(504, 'timeout')}
frontend http from base
${settings.bind.map((address) => `  bind ${bindAddress(address)}\n`).join('')}${frontendRules(settings)}
# Only requests that were not sent yet are tried again, and on another server at once. Retrying on an empty answer
# too would copy every request: a tenth of the throughput.
defaults app from base
  balance leastconn
  retries 3
  option redispatch 1
  retry-on conn-failure

backend unknown from base
  http-request return status 404 content-type "text/html; charset=utf-8" string ${quoted(html(pages.unknownHost))} if { req.hdr(accept) -m sub text/html }
  http-request return status 404 content-type text/plain string ${quoted(plain(pages.unknownHost))}

backend ${apiBackend} from base
  timeout server 1h
  server local 127.0.0.1:${portNumber(settings.api.port)}

`

/**
 * What clients say of themselves is replaced. Each line costs every request something: the client's address becomes
 * text once per connection, the host is read without looking for commas. `allow` ends the rules for a host that is
 * found, so nothing that every request needs may follow it: only wildcards, and names with the root's dot at the end.
 */
function frontendRules(settings: RouterSettings): string {
  const host = 'req.fhdr(host,1),host_only,lower'
  const map = (name: MapName) => `map_str(${path(mapPath(settings, name))})`
  return `  option idle-close-on-response
  option http-restrict-req-hdr-names delete
  tcp-request session set-var-fmt(sess.client) %[src]
  http-request del-header x-forwarded- -m beg
  http-request del-header forwarded
  http-request del-header proxy
  http-request add-header X-Forwarded-For %[var(sess.client)]
  http-request set-header X-Real-IP %[var(sess.client)]
  http-request add-header X-Forwarded-Proto http
  http-request add-header X-Forwarded-Port %[dst_port]
  http-request set-var(txn.backend) ${host},${map('hosts')}
  http-request allow if { var(txn.backend) -m found }
  http-request set-var(txn.backend) ${host},rtrim(.),${map('hosts')}
  http-request set-var(txn.backend) ${host},rtrim(.),field(2,.,0),${map('wildcards')} unless { var(txn.backend) -m found }
  use_backend %[var(txn.backend)]
  default_backend unknown
`
}

const errorPage = (status: number, page: keyof typeof pages) =>
  `  http-error status ${status} content-type "text/html; charset=utf-8" string ${quoted(html(pages[page]))} hdr Retry-After 5 hdr Cache-Control no-store\n`
