import { showRuntime } from '../../../contract/runtimes.ts'
import { refuse } from '../../../model/refusal.ts'
import type { Listed } from '../../../runtime/known.ts'
import { projectOf } from '../../../runtime/project.ts'
import { handle } from '../handle.ts'

export const route = handle(showRuntime, async ({ runtimes }, { params }) => {
  const known = runtimes()
  const found = known.listed.find(({ runtime }) => runtime.name === params.runtime)
  if (!found) return refuse('NOT_FOUND', 'runtime', params.runtime)
  return { ...detail(found), project: await projectOf(found.runtime, known) }
})

const detail = ({ runtime, origin, text }: Listed) => ({
  name: runtime.name,
  summary: runtime.title,
  origin,
  files: runtime.detect.flatMap(({ any = [] }) => any),
  versions: versionsOf(runtime.version?.packaged ?? {}),
  packages: runtime.packages,
  processes: Object.keys(runtime.processes),
  text,
})

const versionsOf = (packaged: Readonly<Record<string, object>>) =>
  Object.fromEntries(Object.entries(packaged).map(([suite, versions]) => [suite, Object.keys(versions)]))
