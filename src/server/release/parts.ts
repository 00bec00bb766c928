import type { Engine } from '../../engine/engine.ts'
import type { LogLine } from '../../model/logLine.ts'
import type { OperationInput } from '../../model/operation.ts'
import type { OperationRow } from '../store/access.ts'
import type { Store } from '../store/store.ts'

/** What the release path needs from the world. */
export type Parts = {
  readonly store: Store
  readonly engine: Engine
  readonly cluster: string
  readonly network: string
  /** How long a release command may take. */
  readonly releaseMs: number
  /** False when the image is nowhere: neither here, nor where packages are kept. It may take as long as fetching it does. */
  readonly bringImage: (image: string, signal: AbortSignal, say: (line: string) => unknown) => Promise<boolean>
  readonly removeSource: (operationId: string) => Promise<void>
  readonly operationLogs: { append(id: string, line: string): Promise<void>; finish(id: string): Promise<void> }
  readonly appLogs: {
    tail(query: { app: string; instance?: string; lines: number }): Promise<LogLine[]>
    remove(app: string): Promise<void>
  }
  /** Removes what an app has on disk besides logs: its repository. */
  readonly removeFiles: (app: string) => Promise<void>
}

/** One operation under way. `signal` fires when it is cancelled or the server stops. */
export type Run = Parts & {
  readonly operation: OperationRow
  readonly appId: string
  readonly signal: AbortSignal
  /** Fires when the server stops: what runs in a container goes on, and the next server with it. */
  readonly stop: AbortSignal
  readonly say: (line: string) => Promise<void>
}

export type InputOf<K extends OperationInput['kind']> = Extract<OperationInput, { kind: K }>
