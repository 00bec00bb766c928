import { EngineError } from '../../engine/api.ts'
import { refuse } from '../../model/refusal.ts'
import { type Plan, planBuild } from '../../runtime/plan.ts'
import type { Runtime } from '../../runtime/schema.ts'
import { contextTar } from './context.ts'
import { render, titleOf } from './render.ts'
import { suiteOf } from './suite.ts'
import { chooseVersion, toolchainImage } from './toolchain.ts'
import type { Made, Work } from './work.ts'

/** Finds out how a runtime builds this source, and does it. */
export async function buildFromRuntime(work: Work, runtime: Runtime): Promise<Made> {
  const { request, facts, definition, source, host, envMark, caches } = work
  request.log(`-----> ${runtime.title} app detected`)
  const called = definition.upscale?.application
  if (called && called !== request.app)
    request.log(` !     app.yaml calls this app ${called}; here it is ${request.app}`)
  const stackId = await imageId(work.engine, work.settings.stack)
  const suite = runtime.version?.packaged && (await suiteOf(work.engine, stackId))
  const plan = await planBuild(facts, runtime, definition, suite)
  sayVersion(plan, request.log)
  if (plan.packages.length > 0) request.log(`       Packages: ${plan.packages.flat().join(' ')}`)
  const rendered = render(plan, { base: await baseOf(work, plan, stackId), host, caches, envMark })
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

function sayVersion({ runtime, packaged }: Plan, log: (line: string) => void): void {
  if (packaged?.version) log(`       ${runtime.title} ${packaged.version}${askedFor(packaged.asked)}`)
  if (packaged?.warning) log(` !     ${packaged.warning}`)
}

const askedFor = (asked: Plan['asked']) => (asked ? ` (${asked.by} asks for ${asked.range})` : '')

/** The stack, or the image with the wanted version of the runtime on it. */
async function baseOf({ settings, request, engine, scratch }: Work, plan: Plan, stackId: string): Promise<string> {
  const { runtime, asked } = plan
  const chosen = await chooseVersion(runtime, asked, settings)
  if (!chosen) return settings.stack
  request.log(`       ${runtime.title} ${chosen.version}${askedFor(asked)}`)
  const exists = (image: string) => engine.images.exists(image)
  return toolchainImage({ runtime, ...chosen }, { stackId, scratch, exists }, request, settings)
}

/** Of the stack, whose absence is the operator's to mend. */
export async function imageId(engine: Work['engine'], stack: string): Promise<string> {
  const images = await engine.api
    .json<{ Id: string }>({ path: `/images/${encodeURIComponent(stack)}/json` })
    .catch(unlessMissing)
  return (
    images?.Id ?? refuse('UNAVAILABLE', `the base image ${stack}`, 'it is not on this machine; "./berth up" makes it')
  )
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof EngineError && error.status === 404)) throw error
}
