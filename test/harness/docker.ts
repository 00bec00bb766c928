import { randomInt } from 'node:crypto'
import { EngineError } from '../../src/engine/api.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { labels } from '../../src/model/instance.ts'
import { freeSubnet } from '../../src/network/subnet.ts'
import { until } from './wait.ts'

export const randomName = () => `t${randomInt(36 ** 6).toString(36)}`

/** The isolated bridge that `berth up` makes, on addresses that nothing else has. */
export async function makeNetwork(engine: Engine, cluster: string): Promise<void> {
  const { api } = engine
  for (let attempt = 0; ; attempt++) {
    try {
      const subnet = await freeSubnet(engine, someSubnets())
      await api.json({ method: 'POST', path: '/networks/create', body: configOnly(cluster, subnet) })
      const body = {
        Name: cluster,
        Driver: 'bridge',
        Scope: 'swarm',
        Attachable: true,
        ConfigFrom: { Network: `${cluster}-config` },
      }
      await api.json({ method: 'POST', path: '/networks/create', body })
      return
    } catch (error) {
      if (!(error instanceof EngineError) || attempt > 5) throw error
    }
  }
}

/** None that an installation takes for itself; by chance, for other tests look at the same time. */
const someSubnets = () => Array.from({ length: 20 }, () => `10.${randomInt(100, 200)}.${randomInt(256)}.0/24`)

const configOnly = (cluster: string, subnet: string) => ({
  Name: `${cluster}-config`,
  ConfigOnly: true,
  IPAM: { Config: [{ Subnet: subnet }] },
  Options: { 'com.docker.network.bridge.enable_icc': 'false' },
})

/** Services, containers, networks and images of one cluster, and nothing else. */
export async function removeOwned(engine: Engine, cluster: string): Promise<void> {
  const label = `${labels.cluster}=${cluster}`
  for (const { name } of await engine.services.list(label)) await engine.services.remove(name)
  await until('containers to go', async () => {
    const ids = await engine.containers.ids(label)
    await Promise.all(ids.map((id) => engine.containers.remove(id)))
    return ids.length === 0
  })
  for (const name of [cluster, `${cluster}-config`]) {
    await until(`network ${name} to go`, () => removeNetwork(engine, name))
  }
  for (const tag of (await engine.images.list(label)).flatMap(({ tags }) => tags)) await engine.images.remove(tag)
}

async function removeNetwork({ api }: Engine, name: string): Promise<boolean> {
  try {
    await api.json({ method: 'DELETE', path: `/networks/${name}` })
    return true
  } catch (error) {
    return error instanceof EngineError && error.status === 404
  }
}
