import { EngineError } from '../engine/api.ts'
import { labels } from '../model/instance.ts'
import type { Host } from './host.ts'
import { insist } from './preflight.ts'

type Swarm = { Version: { Index: number }; Spec: { Labels?: Record<string, string> } }

/** A swarm of this one node, known as Berth's by its label; nothing of it listens beyond the loopback interface. */
export async function ensureSwarm(host: Host): Promise<string> {
  await insist(host.root, host.env, 'swarm')
  return (await ensureAnySwarm(host)) === 'made' ? 'made' : await adopt(host)
}

/** Takes a swarm that is there as it is. */
export async function ensureAnySwarm({ engine: { api } }: Host): Promise<'there' | 'made'> {
  const { Swarm } = await api.json<{ Swarm: { LocalNodeState: string } }>({ path: '/info' })
  if (Swarm.LocalNodeState === 'active') return 'there'
  await api.json({
    method: 'POST',
    path: '/swarm/init',
    body: {
      ListenAddr: '127.0.0.1:2377',
      AdvertiseAddr: '127.0.0.1',
      DataPathAddr: '127.0.0.1',
      Spec: { Labels: { [labels.owned]: 'true' } },
    },
  })
  return 'made'
}

async function adopt({ engine }: Host): Promise<string> {
  const { Version, Spec } = await engine.api.json<Swarm>({ path: '/swarm' })
  if (Spec.Labels?.[labels.owned] === 'true') return 'there'
  await engine.api.json({
    method: 'POST',
    path: '/swarm/update',
    query: { version: Version.Index },
    body: { ...Spec, Labels: { ...Spec.Labels, [labels.owned]: 'true' } },
  })
  return 'adopted'
}

/** The bridge that instances of this node are on: the host reaches them, they do not reach each other. */
export async function ensureNetwork(host: Host): Promise<string> {
  const { cluster, docker } = host.config
  const template = templateOf(docker.network)
  await ensure(host, template, {
    ConfigOnly: true,
    Driver: 'null',
    IPAM: { Config: [{ Subnet: docker.subnet }] },
    Options: { 'com.docker.network.bridge.enable_icc': 'false' },
    Labels: { [labels.owned]: 'true', [labels.cluster]: cluster },
  })
  // Its labels are the template's: the Engine refuses any of its own.
  const made = await ensure(host, docker.network, {
    Driver: 'bridge',
    Scope: 'swarm',
    ConfigFrom: { Network: template },
    Attachable: true,
  })
  return `${docker.network} ${docker.subnet}${made ? '' : ', there'}`
}

/** The config-only network that each node makes its own bridge from. */
export const templateOf = (network: string) => `${network}-config`

async function ensure({ engine: { api } }: Host, name: string, body: object): Promise<boolean> {
  if (await networkExists(api, name)) return false
  await api.json({ method: 'POST', path: '/networks/create', body: { Name: name, CheckDuplicate: true, ...body } })
  return true
}

async function networkExists(api: Host['engine']['api'], name: string): Promise<boolean> {
  try {
    await api.json({ path: `/networks/${name}` })
    return true
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return false
    throw error
  }
}
