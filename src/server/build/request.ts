import type { Reserve } from '../../lib/room.ts'
import type { BuildStep } from '../../model/build.ts'
import type { TeamLimits } from '../../model/teamLimits.ts'
import type { Variables } from '../../model/variables.ts'

export type BuildLimits = {
  readonly memoryMb: number
  readonly cpu: number
  readonly pids: number
  /** What a step may read and write per second, each in MB; 0 for no limit. */
  readonly ioMb?: number
  readonly timeoutMs: number
}

export type BuildSettings = {
  readonly dockerClient: string
  readonly dockerSocket: string
  /** Image that runtimes are built on where neither the app nor its repository names a stack. */
  readonly stack: string
  readonly cluster: string
  readonly cacheDir: string
  /** Where the operator's own runtimes are. */
  readonly runtimesDir?: string
  /** Where the operator's own stacks are. */
  readonly stacksDir?: string
  readonly limits: BuildLimits
  /** Disk space that builds leave. */
  readonly reserve?: Reserve
  /** Where the Engine keeps layers, if not where it says. */
  readonly engineRoot?: string
  /** Ports of this machine that build steps may reach; unless given, all. */
  readonly hostPorts?: readonly number[] | 'all'
  /** Whether the Engine may fetch what a Dockerfile adds from a URL; it may unless given. */
  readonly addUrls?: boolean
  /** Throws when the Engine must not fetch from a host. */
  readonly checkHost?: (host: string) => Promise<unknown>
  /** What the Engine may keep to build faster; 0 leaves it alone. */
  readonly cacheMb?: number
  /** The server's environment: proxies and settings of npm and pip are taken from it. */
  readonly hostEnv?: Readonly<Record<string, string | undefined>>
  /** The npm to fetch runtimes with; else the one in PATH. */
  readonly npm?: string
  /** Expressions for the options of uWSGI that metadata may set; uPaaS's own list unless given. */
  readonly uwsgiSafe?: readonly string[]
}

export type BuildRequest = {
  readonly app: string
  readonly team: string
  readonly id: string
  /** Path of a tar file of the tree. */
  readonly source: string
  /** All of the app. Only those whose scope or whose definition says so reach the build; none is shown in the log. */
  readonly variables: Variables
  /** Metadata of uPaaS that belong to the app itself; with them, the source may be empty. */
  readonly metadata?: string
  /** That the definition is read for, where it is not the usual one: `review` for a preview. */
  readonly environment?: string
  /** Image of the newest build that succeeded: a build by metadata begins with it. */
  readonly previous?: string
  /** The stack that somebody has set for the app; it goes before what the repository says. */
  readonly stack?: string
  /** What the team is bound by where that is not what the settings say. */
  readonly limits?: TeamLimits
  /** Take nothing from earlier builds. */
  readonly fresh?: boolean
  /** Where the app answers; the host name that it has of itself first. */
  readonly hosts?: readonly string[]
  readonly log: (line: string) => void
  /** Told of each step that took its time. */
  readonly onStep?: (step: BuildStep) => void
  readonly signal: AbortSignal
}
