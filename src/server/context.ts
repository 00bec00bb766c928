import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import { openEngine } from '../engine/engine.ts'
import { buildImage } from './build/build.ts'
import { AppLogs } from './logs/appLogs.ts'
import { OperationLogs } from './logs/operationLogs.ts'
import { refuseLostDatabase } from './lostDatabase.ts'
import type { Parts as ReleaseParts } from './release/parts.ts'
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
  const place = { cluster: config.cluster, network: config.docker.network }
  const release: ReleaseParts = {
    ...place,
    store,
    engine,
    appLogs,
    operationLogs,
    sourceOf,
    releaseMs: config.releaseSeconds * 1000,
    removeSource: (operationId) => rm(dirname(sourceOf(operationId)), { recursive: true, force: true }),
    build: (order) => buildImage(order, buildSettings(config, env)),
    removeFiles: (app) => rm(join(config.git.dir, `${app}.git`), { recursive: true, force: true, maxRetries: 5 }),
  }
  return { config, store, engine, appLogs, operationLogs, release, runs: { ...place, store, engine, operationLogs } }
}

const buildSettings = ({ docker, stack, cluster, builds }: Config, env: NodeJS.ProcessEnv) => ({
  hostEnv: { NODE_EXTRA_CA_CERTS: trustStore, ...env },
  dockerClient: docker.client,
  dockerSocket: docker.socket,
  stack,
  cluster,
  cacheDir: builds.cache,
  runtimesDir: builds.runtimes,
  limits: { memoryMb: 2048, cpu: 2, pids: 2048, timeoutMs: 20 * 60 * 1000 },
})
