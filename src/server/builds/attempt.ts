import { log } from '../../lib/log.ts'
import type { OpenBuild } from '../store/buildQueue.ts'
import type { BuilderParts } from './parts.ts'
import { Steps } from './steps.ts'

/** One attempt at one build. `signal` fires when it is to end: cancelled, no longer ours, or the server stops. */
export type Attempt = BuilderParts & {
  readonly row: OpenBuild
  readonly owner: string
  readonly signal: AbortSignal
  readonly steps: Steps
  readonly say: (line: string) => void
  /** All that was said is in the log. */
  readonly said: () => Promise<void>
}

export function newAttempt(parts: BuilderParts, row: OpenBuild, owner: string, signal: AbortSignal): Attempt {
  let last: Promise<void> = Promise.resolve()
  const say = (line: string) => {
    last = parts.operationLogs
      .append(row.operation_id, line)
      .catch((error) => log.warn({ error, build: row.id }, 'a line is lost'))
  }
  return { ...parts, row, owner, signal, steps: new Steps(), say, said: () => last }
}
