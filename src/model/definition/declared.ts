import type { HealthRule } from '../health.ts'
import type { ProcessType, Scale } from '../release.ts'

/** How an image is made; everything absent is found out from the repository's files. */
export type BuildDefinition = {
  readonly dockerfile?: string
  readonly target?: string
  readonly args?: Readonly<Record<string, string>>
  readonly runtime?: string
  readonly version?: string
  readonly command?: readonly string[]
  readonly packages?: readonly string[]
  readonly documentRoot?: string
}

export type Definition = {
  readonly processes?: readonly ProcessType[]
  readonly releaseCommand?: readonly string[]
  /** Runs after each release that went live. */
  readonly postdeployCommand?: readonly string[]
  /** Runs after the first one of the app. */
  readonly firstDeployCommand?: readonly string[]
  readonly health?: Partial<HealthRule>
  /** Values for variables that the app does not set itself. */
  readonly env: Readonly<Record<string, string>>
  /** Variables that get a random value once, when the app does not set them. */
  readonly generated: readonly string[]
  /** Variables that the app must set. */
  readonly required: readonly string[]
  readonly scale: Readonly<Record<string, Partial<Scale>>>
  readonly build: BuildDefinition
  readonly port?: number
  readonly stopGraceMs?: number
  readonly drainMs?: number
  /** What was understood but is not done, in words for the one who pushes. */
  readonly warnings: readonly string[]
}
