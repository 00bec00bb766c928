import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Attempts } from '../../lib/attempts.ts'
import type { Reserve } from '../../lib/room.ts'
import type { DeliveryOutcome, HookProvider } from '../../model/hook.ts'
import type { LogLine } from '../../model/logLine.ts'
import type { Actor } from '../../model/policy.ts'
import type { RepositoryUrl } from '../../model/repository.ts'
import type { EveryLimit } from '../../model/teamLimits.ts'
import type { Known } from '../../runtime/known.ts'
import type { StackState } from '../../stack/state.ts'
import type { AppRow } from '../store/access.ts'
import type { Store } from '../store/store.ts'

/** What the API needs from the rest of the server. */
export type ApiContext = {
  readonly store: Store
  readonly settings: Settings
  readonly appLogs: AppLogs
  readonly operationLogs: OperationLogs
  readonly runs: Runs
  /** Failed logins, by account and by address. */
  readonly logins: Attempts
  readonly runtimes: () => Known
  readonly sources: Sources
  readonly hooks: Hooks
  readonly packages: Packages
  /** All stacks as they are now; the Engine is asked. */
  readonly stacks: () => Promise<readonly StackState[]>
  /** Git over HTTP, for the paths that it owns. */
  readonly git?: {
    owns(path: string): boolean
    handle(request: IncomingMessage, response: ServerResponse): unknown
  }
}

/** What came in for a hook: the bytes that are signed, and its headers by their lower-case names. */
export type SignedEvent = { readonly body: Buffer; header(name: string): string }

export type Hooks = {
  newSecret(provider: HookProvider): string
  /** Before anything is read of an event that announces so many bytes; it keeps its place until it is disposed. */
  admit(id: string, address: string, announced: number | undefined): Promise<Disposable>
  /** Where the provider's API usually is, for a repository at that URL. */
  apiUrl(provider: HookProvider, source: string): string
  receive(id: string, event: SignedEvent, address: string): Promise<{ outcome: DeliveryOutcome; reason: string }>
}

/** What the API needs of repositories elsewhere. */
export type Sources = {
  /** Throws INVALID for a host that is inside. */
  mayFetch(url: RepositoryUrl): Promise<void>
  newKey(app: string): Promise<{ readonly publicKey: string; readonly privateKey: string }>
  /** What was fetched for the app, and the host keys that were seen. */
  forget(appId: string): Promise<void>
}

/** What the API needs of the images of builds. */
export type Packages = {
  /** A tar file; undefined when the image is nowhere. */
  open(
    build: { readonly id: string; readonly app: string; readonly image: string },
    signal: AbortSignal,
  ): Promise<Readable | undefined>
  /** Where they are kept besides the Engine, and why nothing can be put there now. */
  look(): Promise<{ readonly place: string | null; readonly problem: string | null }>
}

export type Settings = {
  readonly version: string
  readonly startedAt: string
  readonly domain: string
  readonly httpPort: number
  readonly sshPort: number
  /** Where `<operation>/source.tar` goes. */
  readonly buildsDir: string
  /** Where uploads are that may be interrupted. */
  readonly uploadsDir: string
  /** What builds are bound by, unless their team has limits of its own. */
  readonly buildLimits: EveryLimit
  /** Disk space that uploads leave. */
  readonly reserve: Reserve
}

type LogQuery = { readonly app: string; readonly process?: string; readonly instance?: string; readonly lines: number }

export type AppLogs = {
  tail(query: LogQuery): Promise<readonly LogLine[]>
  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>
}

export type OperationLogs = {
  read(id: string): Promise<readonly string[]>
  follow(id: string, signal: AbortSignal): AsyncIterable<string>
}

export type Size = { readonly columns: number; readonly rows: number }

export type AttachedRun = {
  readonly app: AppRow
  readonly command: readonly string[]
  readonly tty: boolean
  readonly size: Size
  readonly actor: Actor
}

/** The user's end of an attached run. */
export type Terminal = {
  /** Standard input; ends when the user ends it. */
  readonly input: AsyncIterable<Uint8Array>
  /** Resolves when there is room for more. */
  output(stream: 'out' | 'err', bytes: Uint8Array): Promise<void>
  onResize(listener: (size: Size) => void): void
  /** The user is gone, or may no longer: the command has to end. */
  readonly signal: AbortSignal
}

/** One-off commands in throw-away containers; a detached one is an operation of kind `run` in the store. */
export type Runs = {
  /** Resolves with the exit code. */
  attached(run: AttachedRun, terminal: Terminal): Promise<number>
}
