import type { HealthRule } from './health.ts'

/** A named command of an app. `web` is the one that is routed. */
export type ProcessType = {
  readonly name: string
  /** argv; empty means the image's own command. */
  readonly command: readonly string[]
}

/** Wanted number and size of one process type's instances. */
export type Scale = { readonly count: number; readonly memoryMb: number; readonly cpu: number }

export const defaultScale: Scale = { count: 1, memoryMb: 512, cpu: 1 }

/** What a release runs: the part of it that a build decides. */
export type Formation = {
  readonly processes: readonly ProcessType[]
  /** The port that `web` listens on; given to it as $PORT. */
  readonly port: number
  readonly health: HealthRule
  /** argv of the release command, or nothing to run. */
  readonly releaseCommand?: readonly string[]
  /** Time between SIGTERM and SIGKILL. */
  readonly stopGraceMs: number
  /** How long old instances may finish their requests after the swap. */
  readonly drainMs: number
}

export const routedProcess = 'web'
export const defaultPort = 8080

export type ReleaseState = 'starting' | 'live' | 'superseded' | 'failed'

export const releaseName = (number: number) => `v${number}`
