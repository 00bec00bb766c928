import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { log as serverLog } from '../../lib/log.ts'
import { unlessAborted } from '../../lib/pulse.ts'
import { OperationLog } from './operationLog.ts'

type Options = {
  /** Of one operation; a longer log loses its middle. */
  readonly maxBytes?: number
  readonly maxAgeDays?: number
  readonly maxOperations?: number
}

const day = 24 * 60 * 60 * 1000
const pruneEveryMs = 15 * 60 * 1000
const safe = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/

/** What operations said: `<dir>/operations/<id>.log`, plain text. The file is the truth, also for who follows it. */
export class OperationLogs implements AsyncDisposable {
  readonly #dir: string
  readonly #maxBytes: number
  readonly #maxAgeMs: number
  readonly #maxOperations: number
  /** Those not finished, that somebody writes or follows. */
  readonly #open = new Map<string, Promise<OperationLog>>()
  readonly #timer: NodeJS.Timeout

  constructor(dir: string, { maxBytes = 4 * 1024 * 1024, maxAgeDays = 30, maxOperations = 1_000 }: Options = {}) {
    this.#dir = join(dir, 'operations')
    this.#maxBytes = maxBytes
    this.#maxAgeMs = maxAgeDays * day
    this.#maxOperations = maxOperations
    this.#timer = setInterval(() => this.#pruneOrSay(), pruneEveryMs).unref()
  }

  /** Begins the log, or goes on with it after a restart of the server. Resolves when the line is in the file. */
  async append(id: string, line: string): Promise<void> {
    const opening = this.#of(id)
    const log = await opening
    this.#open.set(id, opening)
    await log.append(line)
  }

  /** Ends what follows it. Once more does no harm; `append` afterwards opens it again. */
  async finish(id: string): Promise<void> {
    await (await this.#of(id)).finish()
    this.#open.delete(id)
  }

  async read(id: string): Promise<string[]> {
    const log = await this.#of(id)
    const found: string[][] = []
    for (let place = 0; ; ) {
      const { lines, next } = await log.read(place)
      if (next === place) return found.flat()
      found.push([...lines])
      place = next
    }
  }

  /** From the first line on; ends when the operation is finished, or with the signal. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<string> {
    const log = await this.#of(id)
    for (let place = 0; !signal.aborted; ) {
      const { finished } = log
      const changed = log.changed.next()
      const { lines, next } = await log.read(place)
      yield* lines
      if (next !== place) place = next
      else if (finished) return
      else await unlessAborted(changed, signal)
    }
  }

  /** Also done by itself every quarter of an hour. Keeps those that are not finished. */
  async prune(): Promise<void> {
    const ids = (await this.#ids()).filter((id) => !this.#open.has(id))
    const aged = await Promise.all(ids.map(async (id) => ({ id, at: await changedAt(this.#path(id)) })))
    const newestFirst = aged.sort((a, b) => b.at - a.at)
    const old = newestFirst.filter(({ at }, rank) => rank >= this.#maxOperations || Date.now() - at > this.#maxAgeMs)
    for (const { id } of old) {
      await rm(this.#path(id), { force: true })
      await rm(`${this.#path(id)}.next`, { force: true })
    }
  }

  async #pruneOrSay() {
    await this.prune().catch((error) => serverLog.error({ error }, 'could not prune the logs of operations'))
  }

  async [Symbol.asyncDispose]() {
    clearInterval(this.#timer)
  }

  async #ids(): Promise<string[]> {
    await mkdir(this.#dir, { recursive: true })
    const ids = (await readdir(this.#dir)).map((name) => name.replace(/\.log(\.next)?$/, ''))
    return [...new Set(ids)].filter((id) => safe.test(id))
  }

  #path(id: string): string {
    if (!safe.test(id)) throw new Error(`not an operation's id: ${JSON.stringify(id)}`)
    return join(this.#dir, `${id}.log`)
  }

  #of(id: string): Promise<OperationLog> {
    const path = this.#path(id)
    const open = this.#open.get(id)
    if (open) return open
    const opening = this.#opened(path)
    this.#open.set(id, opening)
    const forget = () => this.#open.delete(id)
    opening.then(({ finished }) => finished && forget(), forget)
    return opening
  }

  async #opened(path: string): Promise<OperationLog> {
    await mkdir(this.#dir, { recursive: true })
    return await OperationLog.open(path, this.#maxBytes)
  }
}

const changedAt = async (path: string) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
