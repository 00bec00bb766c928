import type { Engine } from '../../engine/engine.ts'
import type { Service, ServiceSpec } from '../../engine/services.ts'
import { eachAtOnce } from '../../lib/eachAtOnce.ts'
import { log } from '../../lib/log.ts'
import { environmentOf, instanceLabels, pidsLimit } from '../../model/container.ts'
import { labels } from '../../model/instance.ts'
import { defaultPort, routedProcess } from '../../model/release.ts'
import { formationOf, releaseByNumber, releaseEnv } from '../store/releases.ts'
import { allSets, forgetSet, noteSet } from '../store/sets.ts'
import type { Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

type Parts = { readonly store: Store; readonly engine: Engine; readonly cluster: string; readonly network: string }
type WantedSet = Awaited<ReturnType<typeof allSets>>[number]

/** Swarm has exactly one service per set: makes what is missing, removes what nobody wants. */
export const services = ({ store, engine, cluster, network }: Parts): Reconciler => ({
  name: 'services',
  topics: ['sets'],
  everyMs: 30_000,
  async pass() {
    const sets = await store.read(allSets)
    const running = await engine.services.list(`${labels.cluster}=${cluster}`)
    const names = new Set(running.map(({ name }) => name))
    const wanted = new Set(sets.filter(({ role }) => role !== 'gone').map(({ service }) => service))
    const missing = sets.filter((set) => wanted.has(set.service) && !names.has(set.service))
    const surplus = running.filter(({ name }) => !wanted.has(name))
    await eachAtOnce(missing, (set) => make({ store, engine, cluster, network }, set))
    const stuck = await removeAll(engine, surplus)
    await forget(
      store,
      sets.filter(({ role, service }) => role === 'gone' && !stuck.has(service)),
    )
    if (stuck.size > 0) throw new Error(`services that cannot be removed: ${[...stuck].join(', ')}`)
  },
})

/** Gives the names of those that could not be removed. */
async function removeAll(engine: Engine, surplus: readonly Service[]): Promise<ReadonlySet<string>> {
  const stuck = new Set<string>()
  await eachAtOnce(surplus, ({ name }) =>
    engine.services.remove(name).catch((error) => {
      log.warn({ error, service: name }, 'service not removed')
      stuck.add(name)
    }),
  )
  return stuck
}

async function forget(store: Store, gone: readonly WantedSet[]) {
  if (gone.length === 0) return
  await store.write('sets', async (tx) => {
    for (const { id } of gone) await forgetSet(tx, id)
  })
}

/** A refusal by the Engine is written down for the one who waits, and tried again at the next pass. */
async function make(parts: Parts, set: WantedSet) {
  try {
    await parts.engine.services.create(await specOf(parts, set))
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error)
    log.warn({ error, service: set.service }, 'service not made')
    if (note !== set.note) await parts.store.write('instances', (tx) => noteSet(tx, set.id, note))
  }
}

async function specOf({ store, cluster, network }: Parts, set: WantedSet): Promise<ServiceSpec> {
  const release = await store.read((tx) => releaseByNumber(tx, set.app_id, set.release_number))
  if (!release) throw new Error(`set ${set.id} wants release v${set.release_number}, which does not exist`)
  const formation = formationOf(release)
  const process = formation.processes.find(({ name }) => name === set.process)
  const purpose = { cluster, app: set.app, team: set.team_id, process: set.process, release: set.release_number }
  return {
    name: set.service,
    labels: instanceLabels(purpose, set.id),
    image: release.image,
    command: process?.command ?? [],
    env: {
      ...process?.env,
      ...environmentOf(purpose, formation, releaseEnv(store.cipher, release)),
      ...portOf(set, formation.port),
    },
    count: set.count,
    memoryMb: set.memory_mb,
    cpu: set.cpu,
    pids: pidsLimit,
    stopGraceMs: formation.stopGraceMs,
    network,
  }
}

/** Only who gets requests is told where to listen; nobody else may set it. */
const portOf = ({ process }: Pick<WantedSet, 'process'>, port: number): Record<string, string> =>
  process === routedProcess ? { PORT: String(port || defaultPort) } : {}
