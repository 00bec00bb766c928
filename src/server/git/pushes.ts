import { randomBytes } from 'node:crypto'
import type { Actor } from '../../model/policy.ts'
import type { Repository } from './repositories.ts'

/** One run of git receive-pack that the server started. */
export type Push = {
  readonly token: string
  readonly actor: Actor
  /** Where it came from, for the audit log. */
  readonly from: string
  readonly repository: Repository
  /** Settles when git has ended and the refs stand. */
  readonly finished: Promise<unknown>
}

export type Pushes = {
  open(push: Omit<Push, 'token' | 'finished'>): Push & { finish(): void }
  find(token: string): Push | undefined
}

/** Hooks name their push by a token that only the git process which the server started was given. */
export function pushRegistry(): Pushes {
  const open = new Map<string, Push>()
  return {
    open(push) {
      const token = randomBytes(24).toString('base64url')
      const { promise: finished, resolve } = Promise.withResolvers<void>()
      const opened = { ...push, token, finished }
      open.set(token, opened)
      return {
        ...opened,
        finish() {
          open.delete(token)
          resolve()
        },
      }
    },
    find: (token) => open.get(token),
  }
}
