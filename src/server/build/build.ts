import { createHash } from 'node:crypto'
import { type Engine, openEngine } from '../../engine/engine.ts'
import {
  type Definition,
  type DefinitionFiles,
  definitionFileNames,
  readDefinition,
} from '../../model/definition/definition.ts'
import { defaultHealth } from '../../model/health.ts'
import { labels } from '../../model/instance.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, defaultDrainMs, defaultPort, defaultStopGraceMs, type Formation } from '../../model/release.ts'
import type { DockerBuild } from './docker.ts'
import { dockerBuild } from './docker.ts'
import { Facts } from './facts.ts'
import { buildFromDockerfile } from './from-dockerfile.ts'
import { buildFromRuntime } from './from-runtime.ts'
import { type HostSettings, hostSettings } from './host-settings.ts'
import { withBuildLimits } from './limits.ts'
import type { Failure } from './progress.ts'
import { chooseRecipe, type Recipe } from './recipe.ts'
import { markOf } from './render.ts'
import { definitionWarnings, redactor } from './say.ts'
import { markKey, withScratch, writeSecrets } from './scratch.ts'
import { openSource, type Source } from './source.ts'

export type BuildLimits = {
  readonly memoryMb: number
  readonly cpu: number
  readonly pids: number
  readonly timeoutMs: number
}

export type BuildSettings = {
  readonly dockerClient: string
  readonly dockerSocket: string
  /** Image that runtimes are built on. */
  readonly stack: string
  readonly cluster: string
  readonly cacheDir: string
  readonly limits: BuildLimits
  /** The server's environment: proxies and settings of npm and pip are taken from it. */
  readonly hostEnv?: Readonly<Record<string, string | undefined>>
  /** The npm to fetch runtimes with; else the one in PATH. */
  readonly npm?: string
}

export const defaultBuildLimits: BuildLimits = { memoryMb: 2_048, cpu: 2, pids: 2_048, timeoutMs: 900_000 }

export type BuildRequest = {
  readonly app: string
  readonly team: string
  readonly id: string
  /** Path of a tar file of the tree. */
  readonly source: string
  /** Build-time variables; their values are secret. */
  readonly env: Readonly<Record<string, string>>
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** All that the two kinds of recipe need. */
export type Work = {
  readonly request: BuildRequest
  readonly settings: BuildSettings
  readonly source: Source
  readonly facts: Facts
  readonly definition: Definition
  readonly engine: Engine
  readonly host: HostSettings
  readonly scratch: string
  /** What the names of this app's caches start with. */
  readonly caches: string
  /** Changes with the build-time variables. */
  readonly envMark: string
  /** Runs one docker build; throws BUILD_FAILED. */
  readonly run: (build: Recipes) => Promise<string>
}

/** What a recipe says about its docker build; the rest is the same for all. */
export type Recipes = Pick<DockerBuild, 'context' | 'dockerfile' | 'title' | 'target' | 'args'>

export type Made = {
  readonly image: string
  readonly processes: Formation['processes']
  readonly port?: number
  readonly health?: Definition['health']
}

/** From a tar file of a tree to an image and what it runs. Throws SOURCE, DEFINITION, NO_RECIPE, BUILD_FAILED, BUILD_TIMEOUT, CANCELLED. */
export async function buildImage(request: BuildRequest, settings: BuildSettings): Promise<Built> {
  const deadline = AbortSignal.timeout(settings.limits.timeoutMs)
  const signal = AbortSignal.any([request.signal, deadline])
  const source = await openSource(request.source)
  try {
    return await withScratch(request.id, settings, (scratch) =>
      build({ ...request, signal }, settings, source, scratch),
    )
  } catch (error) {
    if (request.signal.aborted) refuse('CANCELLED', 'its owner')
    if (deadline.aborted) refuse('BUILD_TIMEOUT', Math.round(settings.limits.timeoutMs / 1_000))
    throw error
  } finally {
    await source.close()
  }
}

async function build(request: BuildRequest, settings: BuildSettings, source: Source, scratch: string): Promise<Built> {
  const facts = new Facts(source)
  const definition = readDefinition(await definitionFiles(facts))
  const recipe = await chooseRecipe(facts, definition.build)
  for (const warning of definitionWarnings(definition, request.env)) request.log(` !     ${warning}`)
  const work = await prepare({ request, settings, source, facts, definition, scratch })
  const made = await withBuildLimits(settings.limits, () => make(work, recipe))
  return built(made, recipe, definition)
}

/** The definition files of a source. */
export async function definitionFiles(facts: Facts): Promise<DefinitionFiles> {
  const found = await Promise.all(definitionFileNames.map(async (name) => [name, await facts.text(name)] as const))
  return Object.fromEntries(found.filter(([, text]) => text !== undefined))
}

const make = (work: Work, recipe: Recipe) =>
  recipe.kind === 'dockerfile' ? buildFromDockerfile(work, recipe) : buildFromRuntime(work, recipe.runtime)

type Parts = Pick<Work, 'request' | 'settings' | 'source' | 'facts' | 'definition' | 'scratch'>

async function prepare(parts: Parts): Promise<Work> {
  const { request, settings, scratch } = parts
  const [host, key] = await Promise.all([hostSettings(settings.hostEnv ?? noEnv), markKey(settings.cacheDir)])
  const secrets = await writeSecrets(scratch, host, request.env)
  const run = async (recipe: Recipes) => {
    const common = {
      tag: `${settings.cluster}/${request.app}:${request.id}`,
      labels: labelsOf(request, settings),
      proxies: host.proxies,
    }
    const { log, signal } = request
    const result = await dockerBuild(
      { ...common, ...recipe, secrets, scratch, log, signal, redact: redactor(request.env) },
      settings,
    )
    return 'image' in result ? result.image : failed(result.failure, settings.limits)
  }
  return {
    ...parts,
    engine: openEngine(settings.dockerSocket),
    host,
    caches: cachesOf(request, settings),
    envMark: markOf(request.env, key),
    run,
  }
}

const noEnv = {}

/** A team may be called anything, so its name comes in as a hash. */
function cachesOf({ team, app }: BuildRequest, { cluster }: BuildSettings): string {
  return [cluster, createHash('sha256').update(team).digest('hex').slice(0, 12), app].join('/')
}

const labelsOf = ({ app, team }: BuildRequest, { cluster }: BuildSettings) => ({
  [labels.owned]: 'true',
  [labels.cluster]: cluster,
  [labels.app]: app,
  [labels.team]: team,
})

function failed({ step, exitCode, reason }: Failure, { memoryMb }: BuildLimits): never {
  if (exitCode === undefined) refuse('BUILD_FAILED', step, reason)
  const killed = exitCode === 137 ? `killed, probably out of memory (limit ${memoryMb} MB)` : `exit code ${exitCode}`
  return refuse('BUILD_FAILED', step, reason && reason !== 'Killed' ? `${killed}: ${reason}` : killed)
}

function built({ image, processes, port, health }: Made, recipe: Recipe, definition: Definition): Built {
  const { releaseCommand, stopGraceMs = defaultStopGraceMs, drainMs = defaultDrainMs } = definition
  const { env, generated, required, scale } = definition
  return {
    image,
    recipe: recipe.kind === 'dockerfile' ? recipe.path : recipe.runtime.name,
    formation: {
      processes,
      port: definition.port ?? port ?? defaultPort,
      health: { ...defaultHealth, ...health, ...definition.health },
      ...(releaseCommand && { releaseCommand }),
      stopGraceMs,
      drainMs,
      env,
      scale,
    },
    generated,
    required,
  }
}
