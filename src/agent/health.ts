import { setTimeout as sleep } from 'node:timers/promises'
import type { Health } from '../model/instance.ts'
import { type ProbeResult, probe, type Target } from './probe.ts'

const untilFirstPassMs = 100
const onceHealthyMs = 5_000
/** A crash is an event and a refused connection goes elsewhere; probes of what has long been well only find hangs. */
const longHealthyMs = 15_000
const longHealthyPasses = 12
const whileFailingMs = 1_000
const failuresToUnhealthy = 3

/** What has to be found out: by asking it, or by its having run for a while. */
export type Check =
  | { readonly kind: 'probe'; readonly target: Target; readonly deadlineMs: number; readonly startedAt: number }
  | { readonly kind: 'uptime'; readonly uptimeMs: number; readonly startedAt: number }

export type Finding = {
  readonly health: Health
  /** It has passed at least once. */
  readonly proven: boolean
  readonly note: string
  /** In a row, the last ones. */
  readonly passes: number
  readonly failures: number
}

const unknown: Finding = { health: 'unknown', proven: false, note: '', passes: 0, failures: 0 }
const healthy: Finding = { health: 'healthy', proven: true, note: '', passes: 1, failures: 0 }

type Watched = { readonly check: Check; readonly stop: AbortController; finding: Finding }

/** Keeps a finding for each instance that it is told to watch; `changed` is called when one changes. */
export class HealthMonitor implements Disposable {
  readonly #watched = new Map<string, Watched>()
  readonly #trusted: Set<string>
  readonly #changed: () => void

  /** `trusted`: those that are known to have been healthy; they start so. */
  constructor(changed: () => void, trusted: Iterable<string> = []) {
    this.#changed = changed
    this.#trusted = new Set(trusted)
  }

  /** Exactly these from now on: new ones are probed at once, others forgotten. */
  watch(checks: ReadonlyMap<string, Check>) {
    for (const [id, { check, stop }] of this.#watched) {
      if (!sameCheck(check, checks.get(id))) stop.abort()
    }
    for (const [id, check] of checks) {
      const known = this.#watched.get(id)
      if (!known) this.#start(id, check)
      else if (known.stop.signal.aborted)
        this.#start(id, check, sameStart(known.check, check) ? known.finding : unknown)
    }
    for (const id of this.#watched.keys()) if (!checks.has(id)) this.#watched.delete(id)
  }

  of(id: string): Finding {
    return this.#watched.get(id)?.finding ?? unknown
  }

  [Symbol.dispose]() {
    this.watch(new Map())
  }

  #start(id: string, check: Check, before = this.#trusted.delete(id) ? healthy : unknown) {
    const watched: Watched = { check, stop: new AbortController(), finding: before }
    this.#watched.set(id, watched)
    if (check.kind === 'probe') void this.#keepProbing(watched, check)
    else this.#waitForUptime(watched, check)
  }

  async #keepProbing(watched: Watched, check: Extract<Check, { kind: 'probe' }>) {
    const { signal } = watched.stop
    while (!signal.aborted) {
      const began = performance.now()
      const result = await probe(check.target, signal)
      if (signal.aborted) return
      this.#set(watched, judge(watched.finding, result))
      await pause(pauseAfter(watched.finding, check) - (performance.now() - began), signal)
    }
  }

  #waitForUptime(watched: Watched, { startedAt, uptimeMs }: Extract<Check, { kind: 'uptime' }>) {
    void pause(startedAt + uptimeMs - Date.now(), watched.stop.signal).then(() => {
      if (!watched.stop.signal.aborted) this.#set(watched, healthy)
    })
  }

  #set(watched: Watched, finding: Finding) {
    const { health, note } = watched.finding
    watched.finding = finding
    if (finding.health !== health || finding.note !== note) this.#changed()
  }
}

/** Pure: one probe passed makes healthy; several failed in a row make unhealthy what had been healthy. */
export function judge(before: Finding, result: ProbeResult): Finding {
  if (result.passed) return { ...healthy, passes: before.passes + 1 }
  const failures = before.failures + 1
  const lost = before.proven && failures >= failuresToUnhealthy
  return { health: lost ? 'unhealthy' : before.health, proven: before.proven, note: result.reason, passes: 0, failures }
}

/** Quick while somebody waits for it, seldom and spread out when all is well. */
export function pauseAfter(
  finding: Finding,
  check: { readonly startedAt: number; readonly deadlineMs: number },
): number {
  if (finding.failures === 0) {
    const ms = finding.passes > longHealthyPasses ? longHealthyMs : onceHealthyMs
    return ms * (0.8 + 0.4 * Math.random())
  }
  const hurry = !finding.proven && Date.now() < check.startedAt + check.deadlineMs
  return hurry ? untilFirstPassMs : whileFailingMs
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.max(ms, 0), undefined, { signal }).catch(() => undefined)

const sameCheck = (a: Check, b: Check | undefined) => JSON.stringify(a) === JSON.stringify(b)
/** Another host or rule does not undo what is known of an instance; its restart does. */
const sameStart = (a: Check, b: Check) => a.startedAt === b.startedAt
