import { dirname, join } from 'node:path'
import { EngineError } from '../../engine/api.ts'
import type { Engine } from '../../engine/engine.ts'
import { type ImageConfig, ImageTooLarge, type RegistryAuth } from '../../engine/registry.ts'
import { defaultHealth } from '../../model/health.ts'
import {
  type ImageReference,
  imageReference,
  registryAddress,
  registryHost,
  repositoryOfImage,
} from '../../model/imageReference.ts'
import { labels } from '../../model/instance.ts'
import { imageLimits } from '../../model/limits.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, defaultDrainMs, defaultPort, defaultStopGraceMs } from '../../model/release.ts'
import type { Source } from '../../model/source.ts'
import { registryFor } from '../store/registries.ts'
import type { Store } from '../store/store.ts'
import { type Allowed, safeAddress } from './addresses.ts'
import { repackedImage } from './imageFile.ts'

type Parts = { readonly store: Store; readonly engine: Engine; readonly cluster: string; readonly allowed: Allowed }

type Order = {
  readonly app: string
  readonly appId: string
  readonly team: string
  readonly id: string
  /** Beside it lies what was uploaded. */
  readonly path: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

type OfImage = Extract<Source, { kind: 'image' }>
type Fetched = { readonly revision: string; readonly message: string; readonly built: Built }

/** A ready-made image, from a registry or as a file: brought here, marked as the app's, and not built. */
export const imageFetcher =
  (parts: Parts) =>
  async (source: OfImage, order: Order): Promise<Fetched> =>
    source.uploaded ? await fromFile(parts, order) : await fromRegistry(parts, source.image, order)

async function fromRegistry(parts: Parts, name: string, order: Order): Promise<Fetched> {
  const { engine, allowed } = parts
  const reference = imageReference(name)
  const repository = repositoryOfImage(reference)
  await mayReach(reference, allowed)
  const auth = await authFor(parts, reference, order.appId)
  order.log(`-----> Pulling ${name}`)
  const access = { auth, signal: order.signal }
  const digest =
    reference.digest ?? (await told(engine.registry.digest(`${repository}:${reference.tag}`, access), name))
  const pinned = `${repository}@${digest}`
  const wasHere = await engine.images.exists(pinned)
  if (!wasHere) await told(engine.registry.pull(repository, digest, { ...access, mostBytes }), name)
  try {
    order.log(`       ${digest}`)
    return { ...(await adopt(parts, pinned, order)), revision: digest.replace('sha256:', ''), message: name }
  } finally {
    if (!wasHere) await engine.images.remove(pinned)
  }
}

/** The Engine looks the name up once more by itself; behind a proxy it may be the only one who can. */
async function mayReach({ server }: ImageReference, allowed: Allowed) {
  await safeAddress(registryHost(server), allowed).catch((error) => {
    if (error.code !== 'UNAVAILABLE') throw error
  })
}

async function authFor({ store }: Parts, { server }: ImageReference, appId: string): Promise<RegistryAuth | undefined> {
  const row = await store.read((tx) => registryFor(tx, appId, server))
  if (!row) return undefined
  return { username: row.username, password: store.cipher.open(row.password), serveraddress: registryAddress(server) }
}

const mostBytes = imageLimits.packedMb * 1_048_576

/** What the Engine heard from the registry, in our words. */
async function told<T>(answer: Promise<T>, name: string): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ImageTooLarge) return refuse('TOO_LARGE', name, `${imageLimits.packedMb} MiB`)
    if (!(error instanceof EngineError) || error.status === 503) throw error
    const denied =
      /unauthorized|denied|authentication|no basic auth/i.test(error.message) || [401, 403].includes(error.status)
    if (denied)
      return refuse(
        'FETCH_FAILED',
        name,
        'the registry does not let us; give it credentials with: berth registry login',
      )
    const missing = /not found|manifest unknown|name unknown/i.test(error.message)
    return refuse('FETCH_FAILED', name, missing ? 'the registry has no such image' : error.message.slice(0, 300))
  }
}

async function fromFile(parts: Parts, order: Order): Promise<Fetched> {
  const { engine, cluster } = parts
  order.log('-----> Loading the image')
  const temporary = `${cluster}/${order.app}:${order.id}-loaded`
  await using image = await repackedImage(join(dirname(order.path), 'image.tar'), temporary)
  try {
    await engine.registry.load(image.tar(), order.signal).catch((error) => {
      if (!(error instanceof EngineError) || error.status === 503) throw error
      return refuse('SOURCE', `the Engine does not take the image: ${error.message.slice(0, 300)}`)
    })
    return { ...(await adopt(parts, temporary, order)), message: image.name }
  } finally {
    await engine.images.remove(temporary)
  }
}

/** Under our name and with our labels, so that it is kept and goes as a built one does. */
async function adopt({ engine, cluster }: Parts, name: string, { app, team, id, log }: Order) {
  const found = await engine.registry.describe(name)
  if (!found) return refuse('SOURCE', 'the image did not arrive')
  await mustRunHere(engine, found)
  const ours = { [labels.owned]: 'true', [labels.cluster]: cluster, [labels.app]: app, [labels.team]: team }
  const image = await engine.registry.relabel(found.id, { repo: `${cluster}/${app}`, tag: id }, ours)
  const port = portOf(found.ports)
  log(`       web listens on port ${port}`)
  return { revision: found.id.replace('sha256:', ''), built: builtFrom(image, port) }
}

async function mustRunHere(engine: Engine, { os, architecture, hasCommand }: ImageConfig) {
  const { Arch } = await engine.version()
  if (os !== 'linux' || architecture !== Arch)
    refuse('SOURCE', `the image is for ${os}/${architecture}, and this machine is linux/${Arch}`)
  if (!hasCommand) refuse('SOURCE', 'the image has no command of its own to start')
}

const usual = [80, 8080, 3000, 8000]

/** Of several that it exposes, the one that is most likely HTTP. */
const portOf = (ports: readonly number[]) =>
  usual.find((port) => ports.includes(port)) ?? ports.toSorted((a, b) => a - b)[0] ?? defaultPort

const builtFrom = (image: string, port: number): Built => ({
  image,
  recipe: 'image',
  formation: {
    processes: [{ name: 'web', command: [] }],
    port,
    health: defaultHealth,
    stopGraceMs: defaultStopGraceMs,
    drainMs: defaultDrainMs,
    env: {},
    scale: {},
  },
  generated: {},
  required: [],
})
