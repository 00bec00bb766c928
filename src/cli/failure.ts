import { type Code, Refusal } from '../model/refusal.ts'
import { UsageError } from './usage.ts'

export type Failure = { readonly line: string; readonly exitCode: number }

/** The one place where an error becomes what a person reads: one line, and what to do. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { line: `${error.message} (try: ${helpFor(error.command)})`, exitCode: 2 }
  if (error instanceof Refusal) return { line: `${error.message}${hints[error.code] ?? ''}`, exitCode: 1 }
  if (error instanceof Failed) return { line: error.message, exitCode: error.exitCode }
  const message = error instanceof Error ? error.message : String(error)
  return { line: `${message} (BERTH_DEBUG=1 shows where)`, exitCode: 1 }
}

const hints: Partial<Record<Code, string>> = {
  UNAVAILABLE: ' (is Berth running? try: berth status)',
  CONFIRM_NEEDED: ' (--confirm NAME)',
}

const helpFor = (command: string | undefined) => (command === undefined ? 'berth help' : `berth ${command} --help`)

/** Something asked for did not work out; the message is for people as it is. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly exitCode: number
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
