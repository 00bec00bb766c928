import { type Plan, planBuild } from '../../runtime/plan.ts'
import type { Runtime } from '../../runtime/schema.ts'
import { render } from './render.ts'
import { ofRendered } from './rendered.ts'
import { type ChosenStack, stackLabel } from './stack.ts'
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
  const stack = await work.stack()
  const suite = runtime.version?.packaged && (await suiteOf(work.engine, stack.id))
  const plan = await planBuild(facts, runtime, definition, suite)
  sayVersion(plan, request.log)
  if (plan.packages.length > 0) request.log(`       Packages: ${plan.packages.flat().join(' ')}`)
  const rendered = render(plan, {
    base: await baseOf(work, plan, stack),
    host,
    caches,
    envMark,
    ...(stack.install && { install: stack.install }),
  })
  const image = await work.run({
    ...ofRendered(source, rendered),
    labels: stackLabel(stack),
  })
  return { image, stack, processes: plan.processes, health: healthOf(runtime) }
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
async function baseOf({ settings, request, engine, scratch }: Work, plan: Plan, stack: ChosenStack): Promise<string> {
  const { runtime, asked } = plan
  const chosen = await chooseVersion(runtime, asked, settings)
  if (!chosen) return stack.image
  request.log(`       ${runtime.title} ${chosen.version}${askedFor(asked)}`)
  const exists = (image: string) => engine.images.exists(image)
  return toolchainImage({ runtime, ...chosen }, { stack, scratch, exists }, request, settings)
}
