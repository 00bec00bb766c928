import type { HealthRule } from '../model/health.ts'
import type { Instance } from '../model/instance.ts'
import type { LogLine } from '../model/logLine.ts'

/** One Swarm service's worth of instances: what the router does with them. */
export type WantedSet = {
  readonly id: string
  readonly process: string
  /** starting: probed, not routed. live: gets requests. draining: finishes what it has. */
  readonly role: 'starting' | 'live' | 'draining'
  /** Null for process types that get no requests. */
  readonly port: number | null
  readonly health: HealthRule
}

export type WantedApp = {
  readonly app: string
  /** Host names; the first one goes into probes as the Host header. */
  readonly hosts: readonly string[]
  readonly sets: readonly WantedSet[]
}

/** All that one node's agent has to bring about. Complete each time; `revision` grows with every change. */
export type Wanted = { readonly revision: number; readonly apps: readonly WantedApp[] }

/** What the agent saw. `instances` is complete for this node; exited ones are reported for ten minutes. */
export type Seen = {
  readonly node: string
  readonly instances: readonly Instance[]
  readonly router: {
    /** The newest revision of Wanted that the router fully follows. */
    readonly revision: number
    /** Ids of sets with instances in state ready, as the router has them now. */
    readonly routed: readonly string[]
    /** Open requests per draining set. Missing = none. */
    readonly busy: Readonly<Record<string, number>>
  }
}

/** Between one agent and the server: in-process on the first node. */
export interface Link {
  /** Yields the newest Wanted at once and again after each change; misses none, may skip stale ones. */
  wanted(signal: AbortSignal): AsyncIterable<Wanted>
  report(seen: Seen): Promise<void>
  /** Resolves when the lines are on disk. */
  logs(lines: readonly LogLine[]): Promise<void>
  /** Where the kept log of each instance ends (a `LogPosition` as text), to go on from after a restart. */
  lastLogTimes(): Promise<Readonly<Record<string, string>>>
}
