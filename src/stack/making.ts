import type { Engine } from '../engine/engine.ts'

/** What making a stack needs of where it happens. */
export type Making = {
  readonly engine: Engine
  readonly docker: { readonly client: string; readonly socket: string }
  readonly cluster: string
  /** An own folder, emptied before and removed afterwards. */
  readonly scratch: string
  readonly env: NodeJS.ProcessEnv
  readonly memoryMb: number
  readonly pids: number
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** With low priority: nobody waits for it. */
  readonly background: boolean
}
