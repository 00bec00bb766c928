import { unlessAborted } from '../../lib/pulse.ts'
import type { LogLine } from '../../model/logLine.ts'
import type { AppLog } from './appLog.ts'
import type { Place } from './segments.ts'

export type LogQuery = {
  readonly app: string
  readonly process?: string
  /** An instance's id, or how it begins. */
  readonly instance?: string
  /** The newest so many. */
  readonly lines: number
  /** ISO 8601; lines from then on. */
  readonly since?: string
}

/** What one answer may hold in memory. */
const maxLines = 50_000
const maxChars = 16 * 1024 * 1024

/** A reader this far behind is moved on, and told how much it missed. */
const maxLagBytes = 4 * 1024 * 1024

export async function tailOf(log: AppLog, query: LogQuery, end: Place): Promise<LogLine[]> {
  const found: LogLine[] = []
  const matches = matcher(query)
  const most = Math.min(query.lines, maxLines)
  let room = maxChars
  if (most <= 0) return found
  for await (const line of log.backward(end, query.since)) {
    if (!matches(line)) continue
    room -= line.text.length
    if (room < 0) break
    if (found.push(line) >= most) break
  }
  return found.reverse()
}

/** The newest lines, then each new one, until the app's log is removed or the signal is given. */
export async function* followFrom(
  log: AppLog,
  query: LogQuery,
  signal: AbortSignal,
  lag = maxLagBytes,
): AsyncGenerator<LogLine> {
  let place = log.end
  yield* await tailOf(log, query, place)
  while (!signal.aborted && !log.removed) {
    const changed = log.changed.next()
    for await (const { lines, next } of unread(log, place, query, lag)) {
      place = next
      for (const line of lines) {
        if (signal.aborted) return
        yield line
      }
    }
    await unlessAborted(changed, signal)
  }
}

type Unread = { readonly lines: readonly LogLine[]; readonly next: Place }

/** Up to the end that there is. What a reader too far behind leaves out becomes one line that says so. */
async function* unread(log: AppLog, from: Place, query: LogQuery, lag: number): AsyncGenerator<Unread> {
  let skipped = log.lostAfter(from) ? Number.NaN : 0
  let skipping = false
  const matches = matcher(query)
  for await (const { lines, next } of log.forward(from)) {
    const wanted = lines.filter(matches)
    skipping = log.bytesAfter(next) > (skipping ? lag / 4 : lag)
    if (skipping) {
      skipped += wanted.length
      yield { lines: [], next }
    } else {
      yield { lines: [...notice(query.app, skipped, lines), ...wanted], next }
      skipped = 0
    }
  }
}

/** NaN stands for nobody knows how many. */
function notice(app: string, skipped: number, before: readonly LogLine[]): LogLine[] {
  if (skipped === 0) return []
  const text = Number.isNaN(skipped) ? '… lines skipped' : `… ${skipped} lines skipped`
  return [{ app, process: '', release: 0, instance: '', at: before[0]?.at ?? '', stream: 'err', text }]
}

function matcher({ process, instance, since }: LogQuery): (line: LogLine) => boolean {
  const from = since === undefined ? '' : comparable(since)
  return (line) =>
    (process === undefined || line.process === process) &&
    (instance === undefined || line.instance.startsWith(instance)) &&
    line.at >= from
}

/** A beginning of the times of lines: they have nine digits of a second, people give fewer. */
const comparable = (since: string) => new Date(since).toISOString().slice(0, -1)
