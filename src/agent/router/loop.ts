import { log } from '../../lib/log.ts'

export type Loop = AsyncDisposable & {
  /** Something may have changed: look soon. */
  poke(): void
}

type Options = {
  readonly name: string
  /** Between the first poke and the pass that answers it and all that came meanwhile. */
  readonly gatherMs?: number
  readonly retryMs?: { readonly first: number; readonly most: number }
}

/** A first failure is everyday: HAProxy is just being started, or was. */
const worthSaying = 3

/** Runs `pass` after each poke, never twice at once. A pass that fails is tried again until it works. */
export function startLoop(
  pass: () => Promise<void>,
  { name, gatherMs = 0, retryMs = { first: 50, most: 1_000 } }: Options,
): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  let failures = 0

  const schedule = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined
      running = once().finally(() => {
        running = undefined
        if (again) schedule(failures > 0 ? Math.min(retryMs.first * 2 ** (failures - 1), retryMs.most) : gatherMs)
      })
    }, ms)
  }

  async function once() {
    again = false
    try {
      await pass()
      if (failures >= worthSaying) log.info({ failures }, `${name} works again`)
      failures = 0
    } catch (error) {
      if (++failures === worthSaying && !stopped) log.warn({ error }, `${name} failed; trying again until it works`)
      again = true
    }
  }

  return {
    poke() {
      if (running) again = true
      else if (!stopped) schedule(gatherMs)
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      clearTimeout(timer)
      await running
      clearTimeout(timer)
    },
  }
}
