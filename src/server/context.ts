import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import { openEngine } from '../engine/engine.ts'
import { ensureGitUser } from '../host/gitUser.ts'
import { needRoom, watchDisks } from './build/disk.ts'
import { engineBuilds } from './build/engineBuilds.ts'
import { fetchWith } from './builds/fetch.ts'
import { guardedFetch } from './builds/guardedFetch.ts'
import { keptSources } from './builds/keptSources.ts'
import type { BuilderParts } from './builds/parts.ts'
import { releaseFetcher } from './builds/releaseImage.ts'
import { defaultLimits } from './git/context.ts'
import { AppLogs } from './logs/appLogs.ts'
import { OperationLogs } from './logs/operationLogs.ts'
import { refuseLostDatabase } from './lostDatabase.ts'
import { storageFrom } from './packages/configured.ts'
import { packageKeeper } from './packages/keeper.ts'
import type { Parts as ReleaseParts } from './release/parts.ts'
import { safeAddress } from './sources/addresses.ts'
import { branchFetcher } from './sources/branch.ts'
import { imageFetcher } from './sources/image.ts'
import { sourceSettings } from './sources/settings.ts'
import { repositoryFetcher } from './sources/stored.ts'
import type { StackParts } from './stacks/renewal.ts'
import { cipherAt } from './store/cipher.ts'
import { openStore } from './store/store.ts'

export type Context = Awaited<ReturnType<typeof createContext>>

/** Programs that bring their own list of authorities learn those of the machine too. */
const trustStore = '/etc/ssl/certs/ca-certificates.crt'

/** The only place where parts are joined. */
export async function createContext(config: Config, env: NodeJS.ProcessEnv) {
  const engine = openEngine(config.docker.socket)
  await refuseLostDatabase(config, engine)
  const cipher = cipherAt(config.db.key, { mayCreate: !existsSync(config.db.path) })
  const store = await openStore(config.db.path, cipher)
  const appLogs = new AppLogs(config.logs.dir)
  const operationLogs = new OperationLogs(config.logs.dir)
  const sourceOf = (operationId: string) => join(config.builds.dir, operationId, 'source.tar')
  const sources = keptSources(config.builds.sources)
  const fetching = await sourceSettings({
    dir: config.sources.dir,
    allowed: config.sources.allowed,
    seconds: config.builds.fetchSeconds,
    user: await ensureGitUser(config.git.user),
    hostEnv: env,
  })
  const place = { cluster: config.cluster, network: config.docker.network }
  const settings = { ...buildSettings(config, env), checkHost: (host: string) => safeAddress(host, fetching.allowed) }
  const room = { needRoom: (what: string) => needRoom(settings, what) }
  const builds = engineBuilds(settings)
  const packages = packageKeeper({
    ...room,
    store,
    engine,
    cluster: config.cluster,
    storage: storageFrom(config.packages, { engine, cluster: config.cluster }),
    storeMs: config.builds.storeSeconds * 1000,
  })
  const release: ReleaseParts = {
    ...place,
    store,
    engine,
    appLogs,
    operationLogs,
    releaseMs: config.releaseSeconds * 1000,
    bringImage: packages.bring,
    removeSource: (operationId) => rm(dirname(sourceOf(operationId)), { recursive: true, force: true }),
    removeFiles: async (app) => {
      await rm(join(config.git.dir, `${app}.git`), { recursive: true, force: true, maxRetries: 5 })
      await sources.remove(app)
    },
  }
  const builder: BuilderParts = {
    store,
    domain: config.domain,
    engine,
    operationLogs,
    sourceOf,
    keptSources: sources,
    fetchSource: guardedFetch(
      fetchWith(
        {
          repository: repositoryFetcher({ store, settings: fetching }),
          image: imageFetcher({ store, engine, cluster: config.cluster, allowed: fetching.allowed }),
          release: releaseFetcher({ store, engine, cluster: config.cluster, bringImage: packages.bring }),
          branch: branchFetcher({ store, dir: config.git.dir, user: fetching.user, limits: defaultLimits }),
        },
        sources,
      ),
      { makeRoom: builds.makeRoom, watch: (log) => watchDisks(settings, log) },
    ),
    build: builds.build,
    storePackage: async (order) => {
      await packages.keep(order)
      return { bytes: await engine.images.bytes(order.image) }
    },
    queue: {
      total: config.builds.atOnce ?? buildsAtOnce(config.builds.limits.memoryMb),
      perTeam: config.builds.perTeam,
    },
    times: {
      leaseMs: config.builds.leaseSeconds * 1000,
      fetchMs: config.builds.fetchSeconds * 1000,
      // Storing has this limit itself, and a deploy goes on after it; here it is for what does not hear of it.
      storeMs: config.builds.storeSeconds * 1000 + 60_000,
      engineMs: 2 * 60 * 1000,
    },
  }
  const runs = { ...place, store, engine, operationLogs }
  const stacks: StackParts = {
    ...room,
    ...place,
    store,
    engine,
    operationLogs,
    docker: config.docker,
    defaultImage: config.stack,
    stacksDir: config.builds.stacks,
    cacheDir: config.builds.cache,
    env,
    memoryMb: config.builds.limits.memoryMb,
    pids: config.builds.limits.pids,
    renew: config.stacks.renew,
  }
  return { config, store, engine, appLogs, operationLogs, release, builder, packages, runs, fetching, stacks }
}

/** A core for each, and the memory that a build may use. */
const buildsAtOnce = (memoryMb: number) =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / (memoryMb * 2 ** 20))))

const buildSettings = ({ docker, stack, uwsgiSafe, cluster, builds }: Config, env: NodeJS.ProcessEnv) => ({
  hostEnv: { NODE_EXTRA_CA_CERTS: trustStore, ...env },
  dockerClient: docker.client,
  dockerSocket: docker.socket,
  stack,
  cluster,
  cacheDir: builds.cache,
  runtimesDir: builds.runtimes,
  stacksDir: builds.stacks,
  uwsgiSafe,
  limits: { ...builds.limits, timeoutMs: builds.buildSeconds * 1000 },
  reserve: builds.reserve,
  cacheMb: builds.cacheMb,
  addUrls: builds.addUrls,
  hostPorts: builds.hostPorts,
})
