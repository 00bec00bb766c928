import { refuse } from '../../model/refusal.ts'
import { contextTar } from './context.ts'
import { planBuild } from './plan.ts'
import { render, titleOf } from './render.ts'
import type { Runtime } from './runtime.ts'
import { chooseVersion, toolchainImage } from './toolchain.ts'
import type { Made, Work } from './work.ts'

/** Finds out how a runtime builds this source, and does it. */
export async function buildFromRuntime(work: Work, runtime: Runtime): Promise<Made> {
  const { request, facts, definition, source, host, envMark, caches } = work
  request.log(`-----> ${runtime.title} app detected`)
  const plan = await planBuild(facts, runtime, definition)
  if (plan.packages.length > 0) request.log(`       Packages: ${plan.packages.flat().join(' ')}`)
  const rendered = render(plan, { base: await baseOf(work, runtime), host, caches, envMark })
  const image = await work.run({
    context: contextTar(source, {
      folder: 'app',
      takes: () => true,
      files: { Dockerfile: rendered.dockerfile, ...rendered.files },
    }),
    dockerfile: 'Dockerfile',
    title: titleOf,
  })
  return { image, processes: plan.processes, health: healthOf(runtime) }
}

const healthOf = ({ health }: Runtime) => ({
  ...(health.path && { path: health.path }),
  ...(health.deadlineMs && { deadlineMs: health.deadlineMs }),
})

/** The stack, or the image with the wanted version of the runtime on it. */
async function baseOf(
  { facts, settings, request, definition, engine, scratch }: Work,
  runtime: Runtime,
): Promise<string> {
  const stackId = await imageId(engine, settings.stack)
  const chosen = await chooseVersion(facts, runtime, definition.build.version, settings)
  if (!chosen) return settings.stack
  request.log(`       ${runtime.title} ${chosen.version} (asked for: ${chosen.wanted})`)
  const exists = (image: string) => engine.images.exists(image)
  return toolchainImage({ runtime, ...chosen }, { stackId, scratch, exists }, request, settings)
}

async function imageId(engine: Work['engine'], stack: string): Promise<string> {
  const images = await engine.api
    .json<{ Id: string }>({ path: `/images/${encodeURIComponent(stack)}/json` })
    .catch(() => undefined)
  return (
    images?.Id ?? refuse('UNAVAILABLE', `the base image ${stack}`, 'it is not on this machine; "./berth up" makes it')
  )
}
