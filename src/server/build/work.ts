import type { Engine } from '../../engine/engine.ts'
import type { HostSettings } from '../../lib/hostSettings.ts'
import type { Definition } from '../../model/definition/declared.ts'
import type { Formation, RevisionFound } from '../../model/release.ts'
import type { Facts } from '../../runtime/facts.ts'
import type { CacheNames } from './cacheNames.ts'
import type { DockerBuild } from './docker.ts'
import type { BuildRequest, BuildSettings } from './request.ts'
import type { Source } from './source.ts'
import type { ChosenStack } from './stack.ts'

/** All that the kinds of recipe need. */
export type Work = {
  readonly request: BuildRequest
  readonly settings: BuildSettings
  readonly source: Source
  readonly facts: Facts
  readonly definition: Definition
  /** The variables that the build sees. */
  readonly env: Readonly<Record<string, string>>
  readonly engine: Engine
  readonly host: HostSettings
  readonly scratch: string
  readonly caches: CacheNames
  /** Changes with the variables that the build sees. */
  readonly envMark: string
  /** What it starts from; asked only where that is not the Dockerfile's matter. */
  readonly stack: () => Promise<ChosenStack>
  /** Changes with those of these names; `berth-env` is all of them. */
  readonly markOf: (names: readonly string[]) => string
  /** Runs one docker build; throws BUILD_FAILED. */
  readonly run: (build: Recipes) => Promise<string>
}

/** What a recipe says about its docker build; the rest is the same for all. */
export type Recipes = Pick<DockerBuild, 'context' | 'dockerfile' | 'title' | 'target' | 'args'> & {
  /** Why a step, by BuildKit's name for it, must not be taken; ends the build with SOURCE. */
  readonly forbids?: (name: string) => string | undefined
  /** More labels of the image. */
  readonly labels?: Readonly<Record<string, string>>
}

export type Made = {
  readonly image: string
  /** Where it was made on one. */
  readonly stack?: { readonly name: string; readonly id: string }
  readonly processes: Formation['processes']
  readonly port?: number
  readonly health?: Definition['health']
  /** The definition's, with the image's own entry point in front of it. */
  readonly releaseCommand?: readonly string[]
  /** More values for variables that nobody has set. */
  readonly env?: Readonly<Record<string, string>>
  readonly revision?: RevisionFound
}
