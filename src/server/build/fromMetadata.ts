import { createHash } from 'node:crypto'
import { safeUwsgiOptions } from '../../model/definition/upaas/uwsgi.ts'
import type { MetadataRecipe } from '../../runtime/interpreted.ts'
import { type MetadataPlan, planMetadata, requireVersion, versionVariable } from '../../runtime/metadataPlan.ts'
import type { Origin } from '../../runtime/metadataSteps.ts'
import { metadataLabel, type PackageBefore, packageBefore } from './packageBefore.ts'
import { ofRendered } from './rendered.ts'
import { renderMetadata } from './renderMetadata.ts'
import { revisionFound } from './revisionFound.ts'
import { type ChosenStack, stackLabel } from './stack.ts'
import { suiteOf } from './suite.ts'
import type { Made, Work } from './work.ts'

/** Builds by metadata of uPaaS: the package before, or the stack, and every step on it in order. */
export async function buildFromMetadata(work: Work, recipe: MetadataRecipe): Promise<Made> {
  const { request, engine, definition } = work
  const { metadata, runtime } = recipe
  request.log(`-----> Metadata for ${runtime.title} found`)
  const stack = await work.stack()
  const before = await usable(work, recipe, stack)
  const suite = await suiteOf(engine, (before && request.previous) || stack.id)
  const env = domains(request.hosts ?? [])
  const safe = work.settings.uwsgiSafe ?? safeUwsgiOptions
  const wanted = request.variables[versionVariable]?.value.trim()
  const choice = { origin: originOf(work, before), fresh: !before, ...(suite && { suite }), safe, env }
  const plan = planMetadata(metadata, runtime, { ...choice, ...(wanted && { version: wanted }) })
  const version = requireVersion(plan)
  for (const warning of plan.warnings) request.log(` !     ${warning}`)
  say(work, plan, version)
  const image = await run(work, plan, version, before, stack)
  const revision = plan.origin === 'tree' ? undefined : await revisionFound(engine, image)
  return {
    image,
    stack: before?.stack ?? stack,
    processes: definition.processes ?? plan.processes,
    env,
    ...(revision && { revision }),
  }
}

const domains = ([own, ...others]: readonly string[]): Record<string, string> => ({
  ...(own !== undefined && { UPAAS_SYSTEM_DOMAIN: own }),
  ...(others.length > 0 && { UPAAS_CUSTOM_DOMAINS: others.join(',') }),
})

const isSent = ({ source }: Work) => source.tree.entries.size > 0
const kindOf = (work: Work) => (isSent(work) ? 'tree' : 'repository')

function originOf(work: Work, before: PackageBefore | undefined): Origin {
  if (isSent(work)) return 'tree'
  return before ? 'update' : 'clone'
}

/** The package before, unless a fresh one is wanted or needed. */
async function usable(work: Work, { runtime }: MetadataRecipe, stack: ChosenStack): Promise<PackageBefore | undefined> {
  const { request, engine } = work
  if (request.fresh) return undefined
  const before = await packageBefore(engine, request.previous)
  if (!before) return await sayGone(work)
  if (before.stack && before.stack.name !== stack.name) {
    request.log(`       The package before was built on the stack ${before.stack.name}; this one is built fresh`)
    return undefined
  }
  if (before.origin === kindOf(work) && before.interpreter === runtime.name) return before
  const was = `${before.interpreter}, from ${before.origin === 'tree' ? 'files that were sent' : 'a repository'}`
  request.log(`       The package before was built for ${was}; this one is built fresh`)
  return undefined
}

async function sayGone({ request: { previous, log }, engine }: Work): Promise<undefined> {
  if (previous && !(await engine.images.exists(previous)))
    log(' !     The package before is gone from this machine; this one is built fresh')
}

function say({ request }: Work, { runtime, packages, fresh }: MetadataPlan, version: string): void {
  request.log(`       ${runtime.title} ${version}, ${fresh ? 'a fresh package' : 'on the package before'}`)
  request.log(`       Packages: ${packages.flat().join(' ')}`)
}

/** More would come near to what the Engine stacks. */
const mostLayers = 90

async function run(
  work: Work,
  plan: MetadataPlan,
  version: string,
  before: PackageBefore | undefined,
  stack: ChosenStack,
): Promise<string> {
  const { source, host, caches, envMark, request, env } = work
  const mark = createHash('sha256').update(JSON.stringify(plan.packages)).digest('hex').slice(0, 16)
  const { metadata } = plan
  const replaced = Object.keys(metadata.repository.env).filter(
    (name) => Object.hasOwn(env, name) && Object.hasOwn(request.variables, name),
  )
  const rendered = renderMetadata(plan, {
    base: before?.tag ?? stack.image,
    ...(stack.install && { install: stack.install }),
    host,
    caches,
    envMark,
    buildMark: request.id,
    flatten: (before?.layers ?? 0) > mostLayers,
    hasPackages: before?.packages === mark,
    replaced,
    paths: source.tree.files.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  })
  return await work.run({
    ...ofRendered(source, rendered),
    labels: {
      [metadataLabel]: [kindOf(work), plan.runtime.name, version, mark].join(' '),
      ...stackLabel(before?.stack ?? stack),
    },
  })
}
