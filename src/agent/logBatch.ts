import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../lib/log.ts'
import type { LogLine } from '../model/logLine.ts'

const maxLines = 500
const maxWaitMs = 50

type Send = (lines: readonly LogLine[]) => Promise<void>

/** Collects lines for at most 50 ms and sends them in order, at most 500 at once, again and again until they are taken. */
export class LogBatch {
  readonly #send: Send
  readonly #signal: AbortSignal
  #lines: LogLine[] = []
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> = Promise.resolve()

  constructor(send: Send, signal: AbortSignal) {
    this.#send = send
    this.#signal = signal
  }

  /** Waits while there are as many lines as one batch may have: whoever reads on only then is never far ahead. */
  async add(lines: readonly LogLine[]): Promise<void> {
    this.#lines.push(...lines)
    if (this.#lines.length >= maxLines) return await this.flush()
    this.#timer ??= setTimeout(() => void this.flush(), maxWaitMs)
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sending = this.#sending.then(() => this.#sendAll())
    return this.#sending
  }

  async #sendAll() {
    while (this.#lines.length > 0 && !this.#signal.aborted) {
      const lines = this.#lines.slice(0, maxLines)
      await this.#untilTaken(lines)
      this.#lines.splice(0, lines.length)
    }
  }

  async #untilTaken(lines: readonly LogLine[]) {
    for (let waitMs = 100; !this.#signal.aborted; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        return await this.#send(lines)
      } catch (error) {
        log.warn({ error, app: lines[0]?.app }, 'log lines were not taken; trying again')
        await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined)
      }
    }
  }
}
