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
