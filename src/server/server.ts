import { once } from 'node:events'
import { chmod, mkdir } from 'node:fs/promises'
import { startAgent } from '../agent/agent.ts'
import { type Config, configFrom } from '../config/config.ts'
import { log } from '../lib/log.ts'
import { ensureAdmin } from './admin.ts'
import { runBuilds } from './builds/queue.ts'
import { createContext } from './context.ts'
import { startFronts, urlOf } from './fronts.ts'
import { commitReports } from './hooks/reports.ts'
import { claim } from './onlyOne.ts'
import { servingPackages, storedPackages } from './packages/reconcile.ts'
import { drains } from './reconcile/drains.ts'
import { housekeeping } from './reconcile/housekeeping.ts'
import { inTurn, keep, type Reconciler } from './reconcile/keep.ts'
import { leftovers } from './reconcile/leftovers.ts'
import { localLink } from './reconcile/link.ts'
import { network } from './reconcile/network.ts'
import { previews } from './reconcile/previews.ts'
import { reaper } from './reconcile/reaper.ts'
import { services } from './reconcile/services.ts'
import { runOperations } from './release/operations.ts'
import { runDetached } from './runs/detached.ts'
import { pollSources } from './sources/poll.ts'
import { stackRenewal } from './stacks/renewal.ts'
import { stackUpgrades } from './stacks/upgrades.ts'

/** Started top to bottom, stopped bottom to top. */
export async function runServer(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const config = configFrom(env)
  process.umask(0o077)
  await makeFolders(config)
  await using _claim = await claim(config.dataDir)
  const ctx = await createContext(config, env)
  await using _store = ctx.store
  await using _appLogs = ctx.appLogs
  await using _operationLogs = ctx.operationLogs
  await using _keptSources = ctx.builder.keptSources
  await ensureAdmin(ctx.store, config.admin, `http://127.0.0.1:${config.api.port}`)
  const link = localLink(ctx.store, ctx.appLogs, config.domain)
  await using _agent = await startAgent({ link, engine: ctx.engine, config })
  const reconcilers: Reconciler[] = [
    ...inTurn(services(ctx.release), network(ctx.store, { ...ctx.release, subnet: config.docker.subnet })),
    drains(ctx.store),
    reaper({ ...ctx.release, buildsDir: config.builds.dir, keepBuilds: config.builds.keep }),
    housekeeping(ctx.store),
    previews(ctx.store),
    storedPackages(ctx.packages),
    servingPackages(ctx.packages),
    stackRenewal(ctx.stacks),
    stackUpgrades(ctx.stacks, config.stacks.upgradesAtOnce),
    leftovers({ store: ctx.store, uploadsDir: config.sources.uploads, repositoriesDir: config.sources.dir }),
    commitReports({
      store: ctx.store,
      allowed: ctx.fetching.allowed,
      urlOf: (app) => urlOf(app, config.domain, config.http.port),
    }),
    pollSources({ store: ctx.store, settings: ctx.fetching }),
  ]
  const work = [
    ...reconcilers.map((one) => keep(ctx.store, one, signal)),
    runOperations(ctx.release, signal),
    runBuilds(ctx.builder, signal),
    runDetached(ctx.runs, signal),
  ]
  await using _fronts = await startFronts(ctx)
  log.info({ api: config.api.port, cluster: config.cluster }, 'ready')
  if (!signal.aborted) await once(signal, 'abort')
  await Promise.allSettled(work)
}

/** Others may pass through the data folder to what is theirs (git's), and see nothing of the rest. */
async function makeFolders({ dataDir, runDir }: Config) {
  for (const folder of [dataDir, runDir]) {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o711)
  }
}
