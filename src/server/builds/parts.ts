import type { Engine } from '../../engine/engine.ts'
import type { BuildStep } from '../../model/build.ts'
import type { QueueLimits } from '../../model/buildQueue.ts'
import type { Built } from '../../model/release.ts'
import type { Source } from '../../model/source.ts'
import type { TeamLimits } from '../../model/teamLimits.ts'
import type { Variables } from '../../model/variables.ts'
import type { Found } from '../store/buildQueue.ts'
import type { Store } from '../store/store.ts'
import type { KeptSources } from './keptSources.ts'

type Order = {
  readonly app: string
  readonly team: string
  /** Of the operation, and so of the build. */
  readonly id: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

export type FetchOrder = Order & {
  readonly appId: string
  readonly source: Source
  /** The tar file of the tree, to be written whole or not at all. Of a push or an upload it is there already. */
  readonly path: string
  /** Revision of the newest build that succeeded: the changelog begins after it. */
  readonly since: string | null
}

/** What is known of the source now; a source that is an image brings its result with it and is not built. */
export type Fetched = Found & { readonly built?: Built }

export type FetchSource = (order: FetchOrder) => Promise<Fetched>

export type BuildOrder = Order & {
  /** Path of a tar file of the tree. */
  readonly source: string
  readonly variables: Variables
  /** Metadata of uPaaS that belong to the app itself. */
  readonly metadata?: string
  /** That the definition is read for, where it is not the usual one. */
  readonly environment?: string
  /** Image of the newest build that succeeded. */
  readonly previous?: string
  /** The stack that is set for the app. */
  readonly stack?: string
  /** What the team is bound by instead of the installation's limits. */
  readonly limits: TeamLimits
  /** Takes nothing from earlier builds. */
  readonly fresh: boolean
  /** Where the app answers; the host name that it has of itself first. */
  readonly hosts: readonly string[]
  readonly onStep: (step: BuildStep) => void
}

export type StoreOrder = Order & { readonly number: number; readonly image: string }

export type Stored = { readonly bytes: number | null }

/** What the builder needs from the world. */
export type BuilderParts = {
  readonly store: Store
  readonly engine: Engine
  /** Apps answer below it. */
  readonly domain: string
  readonly fetchSource: FetchSource
  readonly build: (order: BuildOrder) => Promise<Built>
  /** Puts the image where packages are kept; within its own time limit, and without it when that cannot be. */
  readonly storePackage: (order: StoreOrder) => Promise<Stored>
  readonly keptSources: KeptSources
  readonly sourceOf: (operationId: string) => string
  readonly operationLogs: { append(id: string, line: string): Promise<void> }
  readonly queue: QueueLimits
  readonly times: BuilderTimes
}

export type BuilderTimes = {
  readonly leaseMs: number
  readonly fetchMs: number
  readonly storeMs: number
  /** How long a build waits for an Engine that went away under it. */
  readonly engineMs: number
}
