import { openEngine } from '../../engine/engine.ts'
import { hostSettings } from '../../lib/hostSettings.ts'
import { metadataRecipe, ownSteps } from '../../model/build.ts'
import { ownEnvironment } from '../../model/definition/appJson.ts'
import type { Definition } from '../../model/definition/declared.ts'
import { readDefinition } from '../../model/definition/definition.ts'
import { ownMetadata } from '../../model/definition/upaas/names.ts'
import { defaultHealth } from '../../model/health.ts'
import { labels } from '../../model/instance.ts'
import { refuse } from '../../model/refusal.ts'
import { type Built, defaultDrainMs, defaultPort, defaultStopGraceMs } from '../../model/release.ts'
import { noLimits } from '../../model/teamLimits.ts'
import { Facts } from '../../runtime/facts.ts'
import { type MetadataRecipe, recipeFor } from '../../runtime/interpreted.ts'
import { generatedBy } from '../../runtime/plan.ts'
import { definitionFiles } from '../../runtime/project.ts'
import type { Recipe } from '../../runtime/recipe.ts'
import { cacheNames } from './cacheNames.ts'
import { watchDisks } from './disk.ts'
import { dockerBuild } from './docker.ts'
import { failed } from './failure.ts'
import { buildFromDockerfile } from './fromDockerfile.ts'
import { buildFromMetadata } from './fromMetadata.ts'
import { buildFromRuntime } from './fromRuntime.ts'
import { withBuildLimits } from './limits.ts'
import { bounded } from './output.ts'
import { markOf } from './render.ts'
import type { BuildLimits, BuildRequest, BuildSettings } from './request.ts'
import { knownRuntimes } from './runtimes.ts'
import { markKey, withScratch, writeSecrets } from './scratch.ts'
import { filesOf, openSource, type Source } from './source.ts'
import { chooseStack } from './stack.ts'
import { buildEnvironment, generate, hiding, missedBy, runEnvironment, variableWarnings } from './variables.ts'
import { raiseWall } from './wall.ts'
import type { Made, Recipes, Work } from './work.ts'

/** From a tar file of a tree to an image and what it runs. Throws SOURCE, DEFINITION, NO_RECIPE, BUILD_FAILED, BUILD_TIMEOUT, DISK_LOW, CANCELLED. */
export async function buildImage(request: BuildRequest, ofInstallation: BuildSettings): Promise<Built> {
  const settings = { ...ofInstallation, limits: limitsFor(request, ofInstallation) }
  const log = bounded(request.log)
  const disks = await watchDisks(settings, log)
  const deadline = AbortSignal.timeout(settings.limits.timeoutMs)
  const signal = AbortSignal.any([request.signal, deadline, disks.signal])
  try {
    const source = await openSource(request.source)
    await using _ = { [Symbol.asyncDispose]: () => source.close() }
    return await withScratch(request.id, settings, (scratch) =>
      build({ ...request, log, signal }, settings, source, scratch),
    )
  } catch (error) {
    if (request.signal.aborted) refuse('CANCELLED', 'its owner')
    if (disks.signal.aborted) disks.reason()
    if (deadline.aborted) refuse('BUILD_TIMEOUT', Math.round(settings.limits.timeoutMs / 1_000))
    throw error
  } finally {
    disks.close()
  }
}

function limitsFor({ limits: own = noLimits }: BuildRequest, { limits }: BuildSettings): BuildLimits {
  const { memoryMb, cpu, pids, ioMb, seconds } = own
  return {
    memoryMb: memoryMb ?? limits.memoryMb,
    cpu: cpu ?? limits.cpu,
    pids: pids ?? limits.pids,
    ioMb: ioMb ?? limits.ioMb ?? 0,
    timeoutMs: seconds === null ? limits.timeoutMs : seconds * 1_000,
  }
}

async function build(request: BuildRequest, settings: BuildSettings, source: Source, scratch: string): Promise<Built> {
  const began = performance.now()
  const facts = new Facts(filesOf(source))
  const own = { [ownMetadata]: request.metadata, [ownEnvironment]: request.environment }
  const definition = readDefinition({ ...(await definitionFiles(facts)), ...own })
  for (const warning of definition.warnings) request.log(` !     ${warning}`)
  const recipe = await recipeFor(facts, definition, knownRuntimes(settings.runtimesDir))
  request.onStep?.({ title: ownSteps.detect, ms: Math.round(performance.now() - began) })
  const ofRuntime = recipe.kind === 'runtime' ? await generatedBy(facts, recipe.runtime) : []
  const generated = generate(definition, ofRuntime, request.variables)
  const variables = { ...request.variables, ...generated }
  const env = buildEnvironment(variables, definition)
  for (const warning of variableWarnings(definition, variables, env)) request.log(` !     ${warning}`)
  const work = await prepare({ request: { ...request, variables }, settings, source, facts, definition, env, scratch })
  const made = await withBuildLimits(settings, () => make(work, recipe))
  return built(made, recipe, definition, generated)
}

type AnyRecipe = Recipe | MetadataRecipe

function make(work: Work, recipe: AnyRecipe): Promise<Made> {
  if (recipe.kind === 'metadata') return buildFromMetadata(work, recipe)
  return recipe.kind === 'dockerfile' ? buildFromDockerfile(work, recipe) : buildFromRuntime(work, recipe.runtime)
}

function nameOf(recipe: AnyRecipe): string {
  if (recipe.kind === 'metadata') return `${metadataRecipe} (${recipe.runtime.name})`
  return recipe.kind === 'dockerfile' ? recipe.path : recipe.runtime.name
}

type Parts = Pick<Work, 'request' | 'settings' | 'source' | 'facts' | 'definition' | 'env' | 'scratch'>

async function prepare(parts: Parts): Promise<Work> {
  const { request, settings, scratch, env } = parts
  const [host, key] = await Promise.all([hostSettings(settings.hostEnv ?? noEnv), markKey(settings.cacheDir)])
  const [secrets] = await Promise.all([writeSecrets(scratch, host, env), raiseWall(settings, host)])
  const redact = hiding(request.variables)
  const onStep = request.onStep && { onStep: request.onStep }
  const run = async (recipe: Recipes) => {
    const guard = guarded(recipe, request.signal)
    const tag = `${settings.cluster}/${request.app}:${request.id}`
    const common = {
      tag,
      labels: { ...labelsOf(request, settings), ...recipe.labels },
      proxies: host.proxies,
      secrets,
      scratch,
      fresh: request.fresh ?? false,
    }
    const result = await dockerBuild({ ...recipe, ...common, log: request.log, redact, ...onStep, ...guard }, settings)
    guard.check()
    if ('image' in result) return result.image
    for (const name of missedBy(result.failure.said, request.variables, env)) request.log(` !     ${missed(name)}`)
    return failed(result.failure, settings.limits)
  }
  const engine = openEngine(settings.dockerSocket)
  const wanted = { ofApp: request.stack, ofDefinition: parts.definition.build.stack }
  return {
    ...parts,
    engine,
    stack: () => chooseStack(engine, settings, wanted),
    host,
    caches: cacheNames(key, request, settings),
    envMark: markOf(env, key),
    markOf: (names) => markOf(names.includes('berth-env') ? env : picked(env, names), key),
    run,
  }
}

/** Ends the build as soon as it shows that it wants what it may not have. */
function guarded({ title, forbids }: Recipes, outer: AbortSignal) {
  const stop = new AbortController()
  let reason: string | undefined
  return {
    signal: AbortSignal.any([outer, stop.signal]),
    title: (name: string) => {
      reason ??= forbids?.(name)
      if (reason) stop.abort()
      return title(name)
    },
    check: () => reason && refuse('SOURCE', reason),
  }
}

const noEnv = {}

const picked = (env: Work['env'], names: readonly string[]) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => names.includes(name)))

const missed = (name: string) =>
  `The build does not see ${name}, which is set for the run only. If it needs it: berth env scope both ${name}`

const labelsOf = ({ app, team }: BuildRequest, { cluster }: BuildSettings) => ({
  [labels.owned]: 'true',
  [labels.cluster]: cluster,
  [labels.app]: app,
  [labels.team]: team,
})

function built(
  { image, stack, processes, releaseCommand: made, port, health, env, revision }: Made,
  recipe: AnyRecipe,
  definition: Definition,
  generated: Built['generated'],
): Built {
  const { postdeployCommand, firstDeployCommand } = definition
  const releaseCommand = made ?? definition.releaseCommand
  const { stopGraceMs = defaultStopGraceMs, drainMs = defaultDrainMs } = definition
  const { required, scale, overrides } = definition
  return {
    image,
    recipe: nameOf(recipe),
    ...(stack && { stack: stack.id, stackName: stack.name }),
    formation: {
      processes,
      port: definition.port ?? port ?? defaultPort,
      health: { ...defaultHealth, ...health, ...definition.health },
      ...(releaseCommand && { releaseCommand }),
      ...(postdeployCommand && { postdeployCommand }),
      ...(firstDeployCommand && { firstDeployCommand }),
      stopGraceMs,
      drainMs,
      env: { ...env, ...runEnvironment(definition) },
      scale,
    },
    generated,
    required,
    ...(revision && { revision }),
    ...(overrides && { overrides }),
  }
}
