import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Link } from '../contract/link.ts'
import { log } from '../lib/log.ts'
import { Pulse } from '../lib/pulse.ts'
import { advance, type LogLine, type LogPosition, newestTime, newLines, parsePosition } from '../model/logLine.ts'
import { LogBatch } from './logBatch.ts'
import { type LogEntry, readEntries } from './logEntries.ts'

export type LogOptions = {
  /** Unix seconds with nine decimals, inclusive. */
  readonly since?: string
  readonly follow: boolean
  readonly signal: AbortSignal
}

/** The Engine's `GET /containers/{id}/logs` with stdout, stderr and time stamps. Its errors carry the HTTP status. */
export type LogSource = { logs(container: string, options: LogOptions): Promise<Readable> }

export type LoggedContainer = Pick<LogLine, 'app' | 'process' | 'release'> & {
  readonly id: string
  /** It ran and runs no more. Not yet started does not count. */
  readonly ended: boolean
}

type Options = {
  readonly source: LogSource
  readonly link: Pick<Link, 'logs' | 'lastLogTimes'>
  /** Says when to look: the whole log of that container has been handed over, and it runs no more. */
  readonly onComplete?: (container: string) => void
}

const firstWaitMs = 200
const longestWaitMs = 30_000
const triesOnceEnded = 6

/**
 * Copies the logs of this node's containers to the server. The agent
 * - makes it once: `await using logs = followLogs({ source: engine.containers, link, onComplete })`;
 * - calls `logs.sync(containers)` with the complete list of its own cluster's containers, ended ones too, whenever one
 *   came, ended or went (cheap; the same list again does nothing);
 * - reports an instance as exited only once `logs.isComplete(id)`, so that the last words are with the server by then;
 *   `onComplete` is the moment to report again. Put a limit of some seconds to that wait: a full disk holds logs up.
 *
 * A container whose lines are not taken is not read any further, the others are. What was sent and not acknowledged
 * before a restart is read again.
 */
export function followLogs(options: Options): LogFollower {
  return new LogFollower(options)
}

export class LogFollower implements AsyncDisposable {
  readonly #options: Options
  readonly #stop = new AbortController()
  readonly #logs = new Map<string, ContainerLog>()
  #positions: Promise<Readonly<Record<string, string>>> | undefined

  constructor(options: Options) {
    this.#options = options
  }

  sync(containers: readonly LoggedContainer[]) {
    const listed = new Set(containers.map(({ id }) => id))
    for (const container of containers) this.#see(container)
    for (const [id, known] of this.#logs) {
      if (listed.has(id)) continue
      if (known.complete) this.#logs.delete(id)
      else known.see(true)
    }
  }

  isComplete(container: string): boolean {
    return this.#logs.get(container)?.complete ?? false
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort()
    await Promise.all([...this.#logs.values()].map(({ done }) => done))
  }

  #see(container: LoggedContainer) {
    const known = this.#logs.get(container.id)
    if (known) return known.see(container.ended)
    this.#positions ??= lastPositions(this.#options.link, this.#stop.signal)
    this.#logs.set(container.id, new ContainerLog(container, this.#options, this.#positions, this.#stop.signal))
  }
}

/** What follows one container, from its first line or the kept position, to its last. */
class ContainerLog {
  readonly #container: LoggedContainer
  readonly #options: Options
  readonly #signal: AbortSignal
  readonly #batch: LogBatch
  readonly #changed = new Pulse()
  readonly done: Promise<void>
  #ended: boolean
  #position: LogPosition | undefined
  complete = false

  constructor(
    container: LoggedContainer,
    options: Options,
    positions: Promise<Readonly<Record<string, string>>>,
    signal: AbortSignal,
  ) {
    this.#container = container
    this.#options = options
    this.#ended = container.ended
    this.#signal = signal
    this.#batch = new LogBatch((lines) => this.#send(lines), signal)
    this.done = this.#run(positions)
  }

  see(ended: boolean) {
    if (this.#ended === ended) return
    this.#ended = ended
    this.#changed.ring()
  }

  async #run(positions: Promise<Readonly<Record<string, string>>>) {
    const kept = (await positions)[this.#container.id]
    this.#position = kept === undefined ? undefined : parsePosition(kept)
    await this.#readToTheEnd()
    if (this.#signal.aborted) return
    this.complete = true
    this.#options.onComplete?.(this.#container.id)
  }

  /** Only a reading that began after the container had ended is sure to hold its last lines. */
  async #readToTheEnd() {
    let waitMs = firstWaitMs
    let failures = 0
    while (!this.#signal.aborted) {
      const ended = this.#ended
      const before = this.#position
      const result = await this.#read(!ended)
      if (result === 'gone' || (result === 'read' && ended)) return
      failures = result === 'failed' && ended ? failures + 1 : 0
      if (failures >= triesOnceEnded) return log.warn({ container: this.#container.id }, 'gave up reading its log')
      waitMs = this.#position === before ? Math.min(waitMs * 2, longestWaitMs) : firstWaitMs
      if (this.#ended === ended) await this.#pause(waitMs)
    }
  }

  async #read(follow: boolean): Promise<'read' | 'gone' | 'failed'> {
    try {
      const isNew = newLines(this.#position, () => new Date().toISOString())
      const stream = await this.#open(follow)
      for await (const entries of readEntries(stream)) {
        if (this.#signal.aborted) break
        await this.#batch.add(entries.filter(isNew).map((entry) => this.#lineOf(entry)))
      }
      return 'read'
    } catch (error) {
      return this.#failed(error)
    } finally {
      await this.#batch.flush()
    }
  }

  #open(follow: boolean): Promise<Readable> {
    const since = this.#position && { since: slightlyBefore(newestTime(this.#position)) }
    return this.#options.source.logs(this.#container.id, { follow, signal: this.#signal, ...since })
  }

  #failed(error: unknown): 'gone' | 'failed' {
    if (statusOf(error) === 404) return 'gone'
    if (!this.#signal.aborted) log.warn({ error, container: this.#container.id }, 'reading its log failed')
    return 'failed'
  }

  #lineOf({ at, stream, text }: LogEntry): LogLine {
    const { app, process, release, id } = this.#container
    return { app, process, release, instance: id, at, stream, text }
  }

  async #send(lines: readonly LogLine[]) {
    await this.#options.link.logs(lines)
    for (const line of lines) this.#position = advance(this.#position, line)
  }

  /** A while, or until the container ended meanwhile. */
  async #pause(waitMs: number) {
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, this.#signal])
    await Promise.race([this.#changed.next(), sleep(waitMs, undefined, { signal }).catch(() => undefined)])
    stop.abort()
  }
}

async function lastPositions(link: Options['link'], signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await link.lastLogTimes()
    } catch (error) {
      log.warn({ error }, 'the server did not say where the logs end; trying again')
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }
  return {}
}

/**
 * As the Engine wants it: "1767225600.000000001". A line may come after one of the other stream that has a later time,
 * so a second is read again.
 */
function slightlyBefore(at: string): string {
  return `${Date.parse(`${at.slice(0, 19)}Z`) / 1000 - 1}.${at.slice(20, 29)}`
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'status' in error ? error.status : undefined
}
