import { EngineError } from '../engine/api.ts'
import type { Engine } from '../engine/engine.ts'
import { labels } from '../model/instance.ts'
import { candidates, freeSubnet } from './subnet.ts'

/** The bridge of a node that the instances of an installation are on. */
export type Place = {
  readonly engine: Engine
  readonly cluster: string
  readonly network: string
  /** Taken where it is free. */
  readonly subnet: string
}

/** The host reaches the instances on it, they do not reach each other. False when it is there already. */
export async function ensureNetwork(place: Place): Promise<boolean> {
  if (await exists(place)) return false
  const template = await makeTemplate(place)
  // Its labels are the template's: the Engine refuses any of its own.
  await create(place, place.network, {
    Driver: 'bridge',
    Scope: 'swarm',
    ConfigFrom: { Network: template },
    Attachable: true,
  })
  await removeOtherTemplates(place, template)
  return true
}

/**
 * Another network of the same name, on other addresses, for one that the Engine has lost track of (see `isBroken`). All
 * services go first; who calls this makes them anew.
 */
export async function renewNetwork(place: Place): Promise<void> {
  const { engine, cluster, network } = place
  for (const { name } of await engine.services.list(`${labels.cluster}=${cluster}`)) await engine.services.remove(name)
  await remove(place, network)
  await ensureNetwork(place)
}

/** The config-only network that each node makes its own bridge from; never one that was there before. */
async function makeTemplate(place: Place): Promise<string> {
  const name = freeName(place.network, new Set((await templatesOf(place)).map(({ Name }) => Name)))
  await create(place, name, {
    ConfigOnly: true,
    Driver: 'null',
    IPAM: { Config: [{ Subnet: await freeSubnet(place.engine, [place.subnet, ...candidates()]) }] },
    Options: { 'com.docker.network.bridge.enable_icc': 'false' },
    Labels: { [labels.owned]: 'true', [labels.cluster]: place.cluster },
  })
  return name
}

function freeName(network: string, taken: ReadonlySet<string>): string {
  const first = `${network}-config`
  for (let number = 1; ; number++) {
    const name = number === 1 ? first : `${first}-${number}`
    if (!taken.has(name)) return name
  }
}

/** The Engine keeps those that something still refers to. */
async function removeOtherTemplates(place: Place, kept: string) {
  const others = (await templatesOf(place)).filter(({ Name }) => Name !== kept)
  for (const { Name } of others) await remove(place, Name).catch(() => undefined)
}

type Network = { Name: string; ConfigOnly: boolean }

async function templatesOf({ engine, cluster }: Place): Promise<Network[]> {
  const filters = { label: [`${labels.cluster}=${cluster}`] }
  return (await engine.api.json<Network[]>({ path: '/networks', query: { filters } })).filter(
    ({ ConfigOnly }) => ConfigOnly,
  )
}

const create = ({ engine }: Place, name: string, body: object) =>
  engine.api.json({ method: 'POST', path: '/networks/create', body: { Name: name, CheckDuplicate: true, ...body } })

const exists = ({ engine, network }: Place) => unlessMissing(engine.api.json({ path: `/networks/${network}` }))

const remove = ({ engine }: Place, name: string) =>
  unlessMissing(engine.api.json({ method: 'DELETE', path: `/networks/${name}` }))

async function unlessMissing(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer
    return true
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return false
    throw error
  }
}
