import { apiBackend, mapPath } from './render.ts'
import type { RouterSettings } from './routes.ts'
import { ask } from './socket.ts'

export type ServerState = 'ready' | 'drain' | 'maint'
export type RunningServer = { address: string; port: number; state: ServerState }

/** What HAProxy has now. Kept true by recording each step that it accepted. */
export type Running = {
  readonly pid: number
  readonly version: string
  readonly backends: readonly string[]
  readonly hosts: Map<string, string>
  readonly wildcards: Map<string, string>
  readonly servers: Map<string, Map<string, RunningServer>>
}

export async function readRunning(settings: RouterSettings): Promise<Running> {
  const [info = '', backends = '', hosts = '', wildcards = '', servers = ''] = await ask(settings.socket, [
    'show info',
    'show backend',
    `show map ${mapPath(settings, 'hosts')}`,
    `show map ${mapPath(settings, 'wildcards')}`,
    'show servers state',
  ])
  return {
    ...readInfo(info),
    backends: words(backends).flatMap(([name]) => (isPooled(name) ? [name] : [])),
    hosts: readMap(hosts),
    wildcards: readMap(wildcards),
    servers: readServers(servers),
  }
}

export const readInfo = (text: string) => ({
  pid: Number(/^Pid: (\d+)$/m.exec(text)?.[1] ?? Number.NaN),
  version: /^description: (\S+)$/m.exec(text)?.[1] ?? '',
})

/** `show map`: reference, key, value. */
export const readMap = (text: string) =>
  new Map(words(text).flatMap(([, key, value]) => (key && value ? [[key, value] as const] : [])))

/** `show servers state`, version 1: be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state … srv_port. */
export function readServers(text: string): Running['servers'] {
  const servers: Running['servers'] = new Map()
  for (const fields of words(text)) {
    const [, backend, , name, address = '', , admin] = fields
    if (!isPooled(backend) || !name) continue
    const found = servers.get(backend) ?? new Map<string, RunningServer>()
    found.set(name, { address, port: Number(fields[18]), state: stateOf(Number(admin)) })
    servers.set(backend, found)
  }
  return servers
}

/** Bits of the administrative state: 0x27 are the kinds of maintenance, 0x18 those of draining. */
function stateOf(admin: number): ServerState {
  if (admin & 0x27) return 'maint'
  return admin & 0x18 ? 'drain' : 'ready'
}

const isPooled = (name: string | undefined): name is string =>
  name !== undefined && /^b\d+$/.test(name) && name !== apiBackend

const words = (text: string) => text.split('\n').map((line) => line.trim().split(' '))
