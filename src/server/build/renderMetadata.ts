import { hostFolder } from '../../lib/hostSettings.ts'
import { appHome } from '../../model/definition/upaas/metadata.ts'
import { type MetadataPlan, uwsgiFile } from '../../runtime/metadataPlan.ts'
import type { MetadataStep } from '../../runtime/metadataSteps.ts'
import { dataPath, scriptOf, scriptPath } from './metadataScripts.ts'
import {
  type Around,
  addUser,
  cacheFolder,
  cacheMount,
  hostArguments,
  packageStep,
  quoted,
  type Rendered,
  run,
  titled,
  user,
} from './render.ts'

export type MetadataAround = Around & {
  /** Changes with each build that fetches its files itself; empty where the files are in the context. */
  readonly buildMark: string
  /** The base has so many layers that they are to be made one. */
  readonly flatten: boolean
  /** The packages are in the base already. */
  readonly hasPackages: boolean
  /** Variables of `repository.env` that the app has set itself. */
  readonly replaced: readonly string[]
  /** Sorted paths of the files that were sent. */
  readonly paths: readonly string[]
}

/** The Dockerfile of a build by metadata. Scripts reach steps as files that no layer keeps. */
export function renderMetadata(plan: MetadataPlan, around: MetadataAround): Rendered {
  const lines = [
    ...baseLines(around),
    'USER 0:0',
    'WORKDIR /',
    ...hostArguments(around.host),
    ...(plan.fresh ? freshStart(around) : []),
    ...(around.hasPackages ? [] : plan.packages.map((names) => packageStep(names, around))),
    ...Object.entries(plan.env).map(([name, value]) => `ENV ${name}=${quoted(value)}`),
    ...plan.steps.flatMap((step) => stepLines(plan, step, around)),
    `COPY ["berth/uwsgi.ini", ${JSON.stringify(uwsgiFile)}]`,
    `ENV HOME=${appHome}`,
    `WORKDIR ${appHome}`,
    `USER ${user}`,
  ]
  return { dockerfile: `${lines.join('\n')}\n`, files: contextFiles(plan, around) }
}

const freshStart = (around: MetadataAround) => [
  run(around, ['/bin/sh', '-c', addUser]),
  run(around, ['/bin/rm', '-rf', '/app', appHome]),
]

function baseLines({ base, flatten }: MetadataAround): string[] {
  return flatten
    ? [`FROM ${base} AS berth-before`, 'FROM scratch', 'COPY --from=berth-before ["/", "/"]']
    : [`FROM ${base}`]
}

function stepLines(plan: MetadataPlan, step: MetadataStep, around: MetadataAround): string[] {
  const script = [`--mount=type=bind,source=berth/steps/${step.name},target=${scriptPath}`]
  const data = { tree: 'paths', files: 'files' }[step.name]
  const dataMount = data ? [`--mount=type=bind,source=berth/${data},target=${dataPath}`] : []
  const seesEnv =
    around.envMark !== '' && (step.sees === 'app' || (step.sees === 'repository' && around.replaced.length > 0))
  const caches = step.sees === 'app' ? Object.values(plan.runtime.interpreter.cache) : []
  const mounts = [
    ...script,
    ...dataMount,
    ...(seesEnv ? [secret] : []),
    ...[...new Set(caches)].map((name) => cacheMount(around, name, 0)),
  ]
  const begins = step.name === 'clone' || step.name === 'update'
  return [
    ...(begins && around.buildMark ? [`ARG BERTH_BUILD=${around.buildMark}`] : []),
    ...(seesEnv ? [`ARG BERTH_ENV=${around.envMark}`] : []),
    run(around, ['/usr/bin/env', titled(step.title), '/bin/sh', scriptPath], mounts),
    ...(step.name === 'tree' ? [`COPY --chown=${user} ["app/", "${appHome}/"]`] : []),
  ]
}

const secret = `--mount=type=secret,id=berth-env,target=${hostFolder}/env,mode=0400`

function contextFiles(plan: MetadataPlan, around: MetadataAround): Record<string, string> {
  const caches = Object.entries(plan.runtime.interpreter.cache).map(([name, cache]) => [name, cacheFolder(cache)])
  const { replaced, envMark } = around
  const given = { hasEnv: envMark !== '', replaced, caches: Object.fromEntries(caches) }
  const scripts = plan.steps.map((step) => [`berth/steps/${step.name}`, scriptOf(plan, step, given)])
  const files = Object.values(plan.metadata.files).map((content, index) => [`berth/files/${index}`, content])
  return {
    ...Object.fromEntries([...scripts, ...files]),
    'berth/paths': around.paths.map((path) => `${path}\n`).join(''),
    'berth/uwsgi.ini': `[uwsgi]\n${plan.uwsgi.join('\n')}\n`,
  }
}
