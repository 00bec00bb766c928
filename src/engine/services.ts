import { type Api, EngineError } from './api.ts'

/** One replica set as Swarm gets it. */
export type ServiceSpec = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly image: string
  /** argv; empty runs the image's own command. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly count: number
  readonly memoryMb: number
  readonly cpu: number
  readonly pids: number
  readonly stopGraceMs: number
  readonly network: string
}

export type Service = { readonly id: string; readonly name: string; readonly labels: Readonly<Record<string, string>> }

/** Enough for programs that bind low ports or drop to another user; nothing that reaches the machine. */
export const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID']

const ms = 1_000_000

/** Instances write here first; the agent copies it to the log store. */
export const logDriver = { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '2' } }

export const services = (api: Api) => ({
  /** Already there is fine: a service is never changed after it was made. */
  async create(spec: ServiceSpec): Promise<void> {
    try {
      await api.json({ method: 'POST', path: '/services/create', body: serviceBody(spec) })
    } catch (error) {
      if (!(error instanceof EngineError && error.status === 409)) throw error
    }
  },

  async remove(name: string): Promise<void> {
    try {
      await api.json({ method: 'DELETE', path: `/services/${encodeURIComponent(name)}` })
    } catch (error) {
      if (!(error instanceof EngineError && error.status === 404)) throw error
    }
  },

  async list(label: string): Promise<Service[]> {
    const found = await api.json<RawService[]>({ path: '/services', query: { filters: { label: [label] } } })
    return found.map(({ ID, Spec }) => ({ id: ID, name: Spec.Name, labels: Spec.Labels ?? {} }))
  },

  /** What keeps tasks of a service from running, newest first: no room, no image, a refused start. */
  async complaints(name: string): Promise<string[]> {
    const tasks = await tasksOf(api, name)
    const newestFirst = tasks.sort((a, b) => b.UpdatedAt.localeCompare(a.UpdatedAt))
    return newestFirst.flatMap(({ Status }) => (Status.Err ? [Status.Err] : []))
  },
})

async function tasksOf(api: Api, service: string): Promise<RawTask[]> {
  try {
    return await api.json<RawTask[]>({ path: '/tasks', query: { filters: { service: [service] } } })
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return []
    throw error
  }
}

type RawService = { ID: string; Spec: { Name: string; Labels?: Record<string, string> } }
type RawTask = { UpdatedAt: string; Status: { Err?: string } }

function serviceBody(spec: ServiceSpec) {
  return {
    Name: spec.name,
    Labels: spec.labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: spec.image,
        ...(spec.command.length > 0 && { Command: spec.command }),
        Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
        Labels: spec.labels,
        Init: true,
        StopGracePeriod: spec.stopGraceMs * ms,
        CapabilityAdd: capabilities.map((name) => `CAP_${name}`),
        CapabilityDrop: ['ALL'],
      },
      Resources: {
        Limits: { MemoryBytes: spec.memoryMb * 1024 * 1024, NanoCPUs: Math.round(spec.cpu * 1e9), Pids: spec.pids },
      },
      RestartPolicy: { Condition: 'any', Delay: 500 * ms },
      Networks: [{ Target: spec.network }],
      LogDriver: logDriver,
    },
    Mode: { Replicated: { Replicas: spec.count } },
    EndpointSpec: { Mode: 'dnsrr' },
  }
}
