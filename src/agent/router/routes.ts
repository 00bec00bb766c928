/** One instance as the router sees it; `id` names it there. */
export type RouteServer = {
  readonly id: string
  readonly address: string
  readonly port: number
  /** ready: gets requests. drain: finishes the ones it has. */
  readonly state: 'ready' | 'drain'
}

/** All that the router has to know of one app. A host whose first label is `*` covers every name one level below. */
export type AppRoute = {
  readonly app: string
  readonly hosts: readonly string[]
  readonly servers: readonly RouteServer[]
}

export type RouterSettings = {
  /** The file that HAProxy was, or will be, started with; the maps are written beside it. */
  readonly config: string
  /** Unix sockets: the worker's commands, and the master's. */
  readonly socket: string
  readonly master: string
  /** Addresses in HAProxy's form, like `*:80` or `127.0.0.1:8080`. */
  readonly bind: readonly string[]
  /** The platform's own host name and the loopback port behind it. */
  readonly api: { readonly host: string; readonly port: number }
  /** System user that HAProxy becomes after it has opened its ports. */
  readonly user?: string
}

/** Where the hosts of both kinds lead: key → backend. */
export type HostMaps = {
  readonly hosts: ReadonlyMap<string, string>
  /** Keyed by the parent domain: `*.example.com` is `example.com`. */
  readonly wildcards: ReadonlyMap<string, string>
}

export type MapName = keyof HostMaps

/** What HAProxy should have, in its own terms. */
export type Layout = HostMaps & {
  /** Every backend to exist, spare ones too. */
  readonly backends: readonly string[]
  readonly apps: ReadonlyMap<string, string>
  readonly servers: ReadonlyMap<string, readonly RouteServer[]>
}
