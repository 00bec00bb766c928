import type { mutex } from '../../lib/mutex.ts'
import type { Slots } from '../../lib/slots.ts'
import type { Store } from '../store/store.ts'
import type { Following } from './followDeploy.ts'
import type { GitUser } from './gitProcess.ts'
import type { Maintenance } from './maintenance.ts'
import type { Pushes } from './pushes.ts'
import type { SourceLimits } from './readSource.ts'
import type { Repositories } from './repositories.ts'

/** What every part of the git front works with; gitFront.ts makes it. */
export type GitContext = {
  readonly store: Store
  readonly logs: Following['logs']
  readonly repositories: Repositories
  readonly pushes: Pushes
  readonly maintenance: Maintenance
  readonly slots: Slots
  /** One at a time per app: from the decision to take a push until its refs have moved. */
  readonly landings: (appId: string) => ReturnType<typeof mutex>
  readonly user: GitUser
  readonly socket: string
  readonly builds: string
  readonly limits: GitLimits
  readonly heartbeatMs: number
  readonly urlOf: (app: string) => string
  /** Aborted when the server goes away. */
  readonly stopping: AbortSignal
}

export type GitLimits = SourceLimits & { readonly maxPackBytes: number; readonly maxProcesses: number }

export const defaultLimits: GitLimits = {
  maxPackBytes: 512 * 2 ** 20,
  maxSourceBytes: 2 ** 30,
  maxFiles: 200_000,
  maxProcesses: 64,
}
