import type { HealthRule } from './health.ts'
import type { Variables } from './variables.ts'

/** A named command of an app. `web` is the one that is routed. */
export type ProcessType = {
  readonly name: string
  /** argv; empty means the image's own command. */
  readonly command: readonly string[]
  /** Variables of this process alone; what is set by hand wins. */
  readonly env?: Readonly<Record<string, string>>
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
  /** argv of the command that runs when the release is live, or nothing to run. */
  readonly postdeployCommand?: readonly string[]
  /** The same, for the first release of the app that goes live. */
  readonly firstDeployCommand?: readonly string[]
  /** Time between SIGTERM and SIGKILL. */
  readonly stopGraceMs: number
  /** How long old instances may finish their requests after the swap. */
  readonly drainMs: number
  /** What the definition proposes per process; what somebody has set wins. */
  readonly scale: Readonly<Record<string, Partial<Scale>>>
  /** Values of the definition for variables that nobody has set. */
  readonly env: Readonly<Record<string, string>>
}

export const routedProcess = 'web'

type Scales<S> = Readonly<Record<string, S>>

/** Set by hand, else proposed by the definition, else one `web` and none of the others. */
export function scaleFor(process: string, wanted: Scales<Scale>, proposed: Scales<Partial<Scale>>): Scale {
  const count = process === routedProcess ? 1 : 0
  return wanted[process] ?? { ...defaultScale, count, ...proposed[process] }
}

export const defaultPort = 8080
export const defaultDrainMs = 30_000
export const defaultStopGraceMs = 10_000

export type ReleaseState = 'starting' | 'live' | 'superseded' | 'failed'

export const releaseName = (number: number) => `v${number}`

/** What a build found out about code that it fetched itself. */
export type RevisionFound = {
  readonly id: string
  readonly author: string
  readonly description: string
  /** Since the build before, newest first. */
  readonly changelog: readonly string[]
}

/** What a build gives to the release path. */
export type Built = {
  /** The image's id, `sha256:…`. */
  readonly image: string
  /** What it was built by: `Dockerfile`, or a runtime's name. */
  readonly recipe: string
  /** Id of the image that it was made on, where that was a stack. */
  readonly stack?: string
  /** What that stack is called. */
  readonly stackName?: string
  readonly formation: Formation
  /** Variables that get a random value, once, when the app does not set them; with the value that the build saw. */
  readonly generated: Variables
  /** Variables that the app must set. */
  readonly required: readonly string[]
  readonly revision?: RevisionFound
  /** Variables that the definition knows better than what a preview has inherited. */
  readonly overrides?: readonly string[]
}
