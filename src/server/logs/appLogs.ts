import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { log as serverLog } from '../../lib/log.ts'
import type { LogLine } from '../../model/logLine.ts'
import { AppLog } from './appLog.ts'
import { followFrom, type LogQuery, tailOf } from './followApp.ts'

type Options = { readonly maxBytesPerApp?: number; readonly maxAgeDays?: number; readonly segmentBytes?: number }

const day = 24 * 60 * 60 * 1000
const pruneEveryMs = 15 * 60 * 1000
const maxGone = 50_000

/** Names that are also names of folders: nothing that leads out of one. */
const safe = /^[a-z0-9][a-z0-9_-]{0,99}$/

/** What apps' instances wrote, beyond their containers' lives: `<dir>/apps/<app>/`, bounded in size and age. */
export class AppLogs implements AsyncDisposable {
  readonly #dir: string
  readonly #limits
  readonly #logs = new Map<string, Promise<AppLog>>()
  /** Instances of removed apps: their last lines may still be on the way, and must not make the app's folder again. */
  readonly #gone = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(dir: string, { maxBytesPerApp = 64 * 1024 * 1024, maxAgeDays = 14, segmentBytes }: Options = {}) {
    this.#dir = join(dir, 'apps')
    this.#limits = {
      maxBytes: maxBytesPerApp,
      maxAgeMs: maxAgeDays * day,
      segmentBytes: segmentBytes ?? 4 * 1024 * 1024,
    }
    this.#timer = setInterval(() => this.#pruneOrSay(), pruneEveryMs).unref()
  }

  /**
   * Resolves when the lines are in the files (they survive a kill, not a power cut; the Engine still has those).
   * Lines of one app are kept in the order of the calls; apps do not wait for each other.
   */
  async append(lines: readonly LogLine[]): Promise<void> {
    const welcome = lines.filter(({ app, instance }) => safe.test(app) && !this.#gone.has(instance))
    const byApp = Map.groupBy(welcome, ({ app }) => app)
    await Promise.all([...byApp].map(async ([app, its]) => (await this.#of(app)).append(its)))
  }

  /** The newest lines that match, oldest of them first; at most 50,000 lines or 16 MiB, read backwards from the end. */
  async tail(query: LogQuery): Promise<LogLine[]> {
    const log = await this.#of(query.app)
    return await tailOf(log, query, log.end)
  }

  /**
   * The newest lines that match, then each new one, without a gap or a repetition. Ends with the signal, and when the
   * app is removed. A reader that falls far behind gets a line without an instance, "… N lines skipped".
   */
  async *follow(query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
    yield* followFrom(await this.#of(query.app), query, signal)
  }

  /** Where the kept log of each instance ends, as text of a `LogPosition`. */
  async lastTimes(): Promise<Record<string, string>> {
    const found: [string, string][] = []
    for (const app of await this.#apps()) found.push(...(await this.#of(app)).positions())
    return Object.fromEntries(found)
  }

  /** Call it when the app's instances are gone. Who follows it comes to an end. */
  async remove(app: string): Promise<void> {
    const log = await this.#of(app)
    if (this.#gone.size > maxGone) this.#gone.clear()
    for (const [instance] of log.positions()) this.#gone.add(instance)
    await log.remove()
    this.#logs.delete(app)
  }

  /** Also done by itself: the size at each new segment, the age every quarter of an hour. */
  async prune(): Promise<void> {
    for (const app of await this.#apps()) await (await this.#of(app)).prune()
  }

  async #pruneOrSay() {
    await this.prune().catch((error) => serverLog.error({ error }, 'could not prune the logs of apps'))
  }

  async [Symbol.asyncDispose]() {
    clearInterval(this.#timer)
    await Promise.all([...this.#logs.values()].map(async (log) => (await log).save()))
  }

  async #apps(): Promise<string[]> {
    await mkdir(this.#dir, { recursive: true })
    return (await readdir(this.#dir)).filter((name) => safe.test(name))
  }

  #of(app: string): Promise<AppLog> {
    if (!safe.test(app)) throw new Error(`not an app's name: ${JSON.stringify(app)}`)
    const open = this.#logs.get(app)
    if (open) return open
    const opening = AppLog.open(app, join(this.#dir, app), this.#limits)
    this.#logs.set(app, opening)
    opening.catch(() => this.#logs.delete(app))
    return opening
  }
}
