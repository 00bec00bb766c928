import type { HealthRule } from '../health.ts'
import type { ProcessType, Scale } from '../release.ts'
import type { Scope } from '../variables.ts'
import type { Metadata } from './upaas/metadata.ts'

/** How an image is made; everything absent is found out from the repository's files. */
export type BuildDefinition = {
  readonly dockerfile?: string
  /** Folder of the repository that a Dockerfile sees; all of it unless said. */
  readonly context?: string
  /** The text of a Dockerfile that no file has. */
  readonly inline?: string
  /** The compose file to read. */
  readonly compose?: string
  /** The service of it that is `web`. */
  readonly service?: string
  /** What names the Dockerfile, for messages: `berth.yaml` unless said. */
  readonly namedBy?: string
  readonly target?: string
  readonly args?: Readonly<Record<string, string>>
  readonly runtime?: string
  readonly stack?: string
  readonly version?: string
  readonly command?: readonly string[]
  readonly packages?: readonly string[]
  /** Variables that the build sees, whatever their scope. */
  readonly env?: readonly string[]
  readonly documentRoot?: string
}

/** What Upscale did to each new container; Berth does it while it makes the image. */
export type Upscale = {
  /** The name that app.yaml gives to the app. */
  readonly application?: string
  /** Texts by their absolute path in the image. */
  readonly files: Readonly<Record<string, string>>
  /** Shell texts, in order. */
  readonly install: readonly { readonly by: string; readonly script: string }[]
}

/** With words that follow the image's own entry point, which is known when the image is. */
export type DeclaredProcess = ProcessType & { readonly args?: readonly string[] }

export type Definition = {
  readonly processes?: readonly DeclaredProcess[]
  readonly releaseCommand?: readonly string[]
  /** The same of the release command. */
  readonly releaseArgs?: readonly string[]
  /** Runs after each release that went live. */
  readonly postdeployCommand?: readonly string[]
  /** Runs after the first one of the app. */
  readonly firstDeployCommand?: readonly string[]
  readonly health?: Partial<HealthRule>
  /** Values for variables that the app does not set itself. */
  readonly env: Readonly<Record<string, string>>
  /** Who sees a variable that the definition speaks of; containers where nothing is said. */
  readonly scopes?: Readonly<Record<string, Scope>>
  /** Variables that the environment it was read for has a word on of its own: it goes before what was inherited. */
  readonly overrides?: readonly string[]
  /** Variables that get a random value once, when the app does not set them. */
  readonly generated: readonly string[]
  /** Variables that the app must set. */
  readonly required: readonly string[]
  readonly scale: Readonly<Record<string, Partial<Scale>>>
  readonly build: BuildDefinition
  /** Metadata of uPaaS, of the app itself or from its repository. */
  readonly metadata?: Metadata
  readonly port?: number
  readonly stopGraceMs?: number
  readonly drainMs?: number
  /** What Upscale's files want done while the image is made. */
  readonly upscale?: Upscale
  /** What was understood but is not done, in words for the one who pushes. */
  readonly warnings: readonly string[]
}
