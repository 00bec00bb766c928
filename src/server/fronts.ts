import { readFileSync } from 'node:fs'
import { ensureGitUser } from '../host/gitUser.ts'
import { attempts } from '../lib/attempts.ts'
import { knownRuntimes } from './build/runtimes.ts'
import type { Context } from './context.ts'
import { startGitFront } from './git/gitFront.ts'
import { hookDoor } from './hooks/door.ts'
import { clientAddress } from './http/clientAddress.ts'
import type { ApiContext } from './http/context.ts'
import { listen } from './http/listen.ts'
import { runAttached } from './runs/attached.ts'
import { sourceDoor } from './sources/door.ts'
import { stackStates } from './stacks/state.ts'

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** What people reach: git over SSH and HTTP, and the API. Listens last, for who connects finds everything there. */
export async function startFronts(ctx: Context): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack()
  const { config, store } = ctx
  const runtimes = () => knownRuntimes(config.builds.runtimes)
  runtimes() // the log says at the start which files are broken
  const git = stack.use(
    await startGitFront({
      store,
      config,
      logs: ctx.operationLogs,
      user: await ensureGitUser(config.git.user),
      urlOf: (app) => urlOf(app, config.domain, config.http.port),
      addressOf: clientAddress,
    }),
  )
  const api: ApiContext = {
    store,
    settings: {
      version,
      startedAt: new Date().toISOString(),
      domain: config.domain,
      httpPort: config.http.port,
      sshPort: config.ssh.port,
      buildsDir: config.builds.dir,
      uploadsDir: config.sources.uploads,
      reserve: config.builds.reserve,
      buildLimits: { ...config.builds.limits, seconds: config.builds.buildSeconds, builds: config.builds.perTeam },
    },
    appLogs: ctx.appLogs,
    operationLogs: ctx.operationLogs,
    runs: { attached: (run, terminal) => runAttached(ctx.runs, run, terminal) },
    logins: attempts({ limit: 10, windowMs: 60_000 }),
    runtimes,
    sources: sourceDoor(ctx.fetching),
    hooks: hookDoor(store),
    packages: ctx.packages,
    stacks: () => stackStates(ctx.stacks),
    git: { owns: (path) => /^\/(?:git\/)?[^/]+\.git\//.test(path), handle: git.http },
  }
  stack.use(await listen(api, config.api.port))
  return stack
}

export const urlOf = (app: string, domain: string, port: number) =>
  `http://${app}.${domain}${port === 80 ? '' : `:${port}`}`
