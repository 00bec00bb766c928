import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../../lib/log.ts'
import { mutex } from '../../lib/mutex.ts'
import { slots } from '../../lib/slots.ts'
import type { Store } from '../store/store.ts'
import { changes } from './changes.ts'
import { defaultLimits, type GitContext, type GitLimits } from './context.ts'
import type { GitUser } from './gitProcess.ts'
import { type GitHttpHandler, gitHttpHandler } from './http.ts'
import { maintenance } from './maintenance.ts'
import { pushRegistry } from './pushes.ts'
import { listenForRelays } from './relays.ts'
import { openRepositories, type Repositories } from './repositories.ts'
import { type SshOptions, writeAuthorizedKeys, writeSshFiles } from './sshFiles.ts'

export type GitFrontOptions = {
  readonly store: Store
  readonly logs: GitContext['logs']
  /** The parts of the configuration that are read here. */
  readonly config: {
    readonly git: { readonly dir: string; readonly socket: string }
    readonly ssh: { readonly dir: string; readonly port: number; readonly addresses?: readonly string[] }
    readonly builds: { readonly dir: string }
  }
  readonly user: GitUser
  /** Where an app answers, for the last line of a push. */
  readonly urlOf: (app: string) => string
  /** The client's address, where a proxy stands before the server. */
  readonly addressOf?: (request: IncomingMessage) => string
  readonly limits?: Partial<GitLimits>
  readonly heartbeatMs?: number
}

export type GitFront = AsyncDisposable & { readonly http: GitHttpHandler; readonly repositories: Repositories }

const relay = join(import.meta.dirname, '..', '..', '..', 'libexec', 'git-relay')

/** Everything between a git client and the store. sshd itself is run by whoever runs the server. */
export async function startGitFront(options: GitFrontOptions): Promise<GitFront> {
  const { store, config } = options
  const stopping = new AbortController()
  const ctx = await contextOf(options, stopping.signal)
  const ssh: SshOptions = { ...config.ssh, user: ctx.user, relay, socket: ctx.socket }
  await writeSshFiles(ssh)
  await writeAuthorizedKeys(store, ssh)
  const following = keepKeys(store, ssh, stopping.signal)
  const server = await listenForRelays(ctx)
  return {
    http: gitHttpHandler(ctx, options.addressOf),
    repositories: ctx.repositories,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([following, closed(server)])
    },
  }
}

async function contextOf(options: GitFrontOptions, stopping: AbortSignal): Promise<GitContext> {
  const { store, logs, config, user, urlOf, heartbeatMs = 15_000 } = options
  const limits = { ...defaultLimits, ...options.limits }
  const { dir, socket } = config.git
  return {
    store,
    logs,
    user,
    urlOf,
    limits,
    heartbeatMs,
    socket,
    stopping,
    repositories: await openRepositories({ dir, user, relay, maxPackBytes: limits.maxPackBytes }),
    pushes: pushRegistry(),
    maintenance: maintenance(user, stopping),
    slots: slots({ most: limits.maxProcesses, each: Math.ceil(limits.maxProcesses / 4) }),
    landings: mutexes(),
    builds: config.builds.dir,
  }
}

function mutexes(): GitContext['landings'] {
  const made = new Map<string, ReturnType<typeof mutex>>()
  return (key) => {
    const found = made.get(key) ?? mutex()
    made.set(key, found)
    return found
  }
}

async function keepKeys(store: Store, ssh: SshOptions, signal: AbortSignal) {
  for await (const _ of changes(store, 'people', signal)) {
    await writeAuthorizedKeys(store, ssh).catch((error) => log.error({ error }, 'could not write the SSH keys'))
  }
}

/** Open pushes are told why, and get a moment to end. */
async function closed(server: Server) {
  await Promise.race([new Promise((resolve) => server.close(resolve)), sleep(3_000, undefined, { ref: false })])
}
