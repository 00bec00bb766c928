import type { Part } from './parts.ts'

export type PartState = {
  readonly state: 'running' | 'restarting' | 'stopped'
  readonly pid: number | null
  readonly since: Date | null
  readonly bytes: number | null
}

/** Whoever keeps the parts running on this machine. */
export type Supervisor = {
  readonly kind: 'systemd' | 'keepers'
  /** Does nothing to a part that runs. */
  start(part: Part): Promise<void>
  /** Returns when it is gone. */
  stop(part: Part): Promise<void>
  state(part: Part): Promise<PartState>
  /** The end of what the part wrote. */
  lastWords(part: Part, lines: number): Promise<string>
}

export type SupervisorOptions = {
  readonly runDir: string
  readonly logDir: string
  readonly cluster: string
  readonly root: string
  readonly env: NodeJS.ProcessEnv
}
