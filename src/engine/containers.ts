import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { type Api, EngineError } from './api.ts'
import { capabilities, logDriver, type ServiceSpec } from './services.ts'

export type Container = {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  /** IPv4 address on each network, by the network's name. */
  readonly addresses: Readonly<Record<string, string>>
  readonly exitCode: number
  readonly oomKilled: boolean
  readonly error: string
  readonly tty: boolean
  readonly startedAt: string
  readonly finishedAt: string
}

export type ContainerEvent = {
  readonly action: string
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
}

/** A throw-away container: like one instance of a service, with a command of its own. */
export type OneOff = Omit<ServiceSpec, 'count'> & { readonly tty: boolean; readonly stdin: boolean }

export const containers = (api: Api) => ({
  /** Ids of all containers with all of the labels, stopped ones too. */
  async ids(...label: readonly string[]): Promise<string[]> {
    const found = await api.json<{ Id: string }[]>({
      path: '/containers/json',
      query: { all: true, filters: { label } },
    })
    return found.map(({ Id }) => Id)
  },

  /** Undefined when it is gone. */
  async inspect(id: string): Promise<Container | undefined> {
    const raw = await missing(api.json<RawContainer>({ path: `/containers/${id}/json` }))
    return raw && fromRaw(raw)
  },

  /** Starts, deaths, OOM kills and removals of containers with a label, as they happen. Ends when the Engine goes away. */
  async *events(label: string, signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const filters = { type: ['container'], label: [label], event: ['start', 'die', 'oom', 'kill', 'destroy'] }
    const stream = await api.stream({ path: '/events', query: { filters }, signal })
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const { Action, Actor } = JSON.parse(line) as {
        Action: string
        Actor: { ID: string; Attributes: Record<string, string> }
      }
      yield { action: Action, id: Actor.ID, labels: Actor.Attributes }
    }
  },

  /** Framed unless the container has a TTY; `since` is Unix seconds with up to nine decimals, inclusive. */
  logs: (id: string, options: { since?: string; follow: boolean; signal?: AbortSignal }): Promise<IncomingMessage> =>
    api.stream({
      path: `/containers/${id}/logs`,
      query: { stdout: true, stderr: true, timestamps: true, follow: options.follow, since: options.since },
      ...(options.signal && { signal: options.signal }),
    }),

  async create(spec: OneOff): Promise<string> {
    const { Id } = await api.json<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      query: { name: spec.name },
      body: oneOffBody(spec),
    })
    return Id
  },

  attach: (id: string): Promise<Duplex> =>
    api.hijack({ path: `/containers/${id}/attach`, query: { stream: true, stdin: true, stdout: true, stderr: true } }),

  start: (id: string) => api.json<void>({ method: 'POST', path: `/containers/${id}/start` }),

  resize: (id: string, size: { columns: number; rows: number }) =>
    api.json<void>({ method: 'POST', path: `/containers/${id}/resize`, query: { w: size.columns, h: size.rows } }),

  /** The exit code, once it has ended. */
  async wait(id: string, signal?: AbortSignal): Promise<number> {
    const { StatusCode } = await api.json<{ StatusCode: number }>({
      method: 'POST',
      path: `/containers/${id}/wait`,
      waits: true,
      ...(signal && { signal }),
    })
    return StatusCode
  },

  stop: (id: string, seconds: number) => {
    const call = { method: 'POST', path: `/containers/${id}/stop`, query: { t: seconds } } as const
    return missing(api.json<void>({ ...call, withinMs: (seconds + 60) * 1000 }))
  },

  remove: (id: string) =>
    missing(api.json<void>({ method: 'DELETE', path: `/containers/${id}`, query: { force: true, v: true } })),
})

type RawContainer = {
  Id: string
  Config: { Labels: Record<string, string>; Tty: boolean }
  State: {
    Status: Container['state']
    ExitCode: number
    OOMKilled: boolean
    Error: string
    StartedAt: string
    FinishedAt: string
  }
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> }
}

const fromRaw = ({ Id, Config, State, NetworkSettings }: RawContainer): Container => ({
  id: Id,
  labels: Config.Labels,
  state: State.Status,
  addresses: Object.fromEntries(
    Object.entries(NetworkSettings.Networks).flatMap(([name, { IPAddress }]) => (IPAddress ? [[name, IPAddress]] : [])),
  ),
  exitCode: State.ExitCode,
  oomKilled: State.OOMKilled,
  error: State.Error,
  tty: Config.Tty,
  startedAt: State.StartedAt,
  finishedAt: State.FinishedAt,
})

async function missing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof EngineError && (error.status === 404 || error.status === 304 || error.status === 409))
      return undefined
    throw error
  }
}

const oneOffBody = (spec: OneOff) => ({
  Image: spec.image,
  ...(spec.command.length > 0 && { Entrypoint: [], Cmd: spec.command }),
  Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
  Labels: spec.labels,
  Tty: spec.tty,
  OpenStdin: spec.stdin,
  StdinOnce: spec.stdin,
  AttachStdin: spec.stdin,
  AttachStdout: true,
  AttachStderr: true,
  StopTimeout: Math.ceil(spec.stopGraceMs / 1000),
  HostConfig: {
    NetworkMode: spec.network,
    Memory: spec.memoryMb * 1024 * 1024,
    NanoCpus: Math.round(spec.cpu * 1e9),
    PidsLimit: spec.pids,
    CapDrop: ['ALL'],
    CapAdd: capabilities,
    SecurityOpt: ['no-new-privileges'],
    Init: true,
    LogConfig: { Type: logDriver.Name, Config: logDriver.Options },
  },
})
