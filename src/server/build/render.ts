import { createHash } from 'node:crypto'
import type { HostSettings } from '../../lib/hostSettings.ts'
import { hostFolder } from '../../lib/hostSettings.ts'
import type { Plan } from '../../runtime/plan.ts'
import type { Step } from '../../runtime/schema.ts'
import { aptInstall } from '../../stack/schema.ts'
import type { CacheNames } from './cacheNames.ts'

/** A Dockerfile of ours. */
export type Rendered = {
  readonly dockerfile: string
  /** Files that go into the context beside the source, which is in `app/`. */
  readonly files: Readonly<Record<string, string>>
}

export type Around = {
  readonly base: string
  readonly host: HostSettings
  readonly caches: CacheNames
  /** Changes with the build-time variables; empty when there are none. */
  readonly envMark: string
  /** Text for /bin/sh that installs its arguments; apt unless given. */
  readonly install?: string
}

export const user = '1000:1000'
export const addUser = [
  'groupadd --gid 1000 app',
  'useradd --uid 1000 --gid app --create-home --shell /bin/bash app',
  'install -d -o app -g app /app',
].join(' && ')

/** One stage, or a second one that takes only /app from the first. */
export function render(plan: Plan, around: Around): Rendered {
  const files = Object.entries(plan.runtime.files)
  const { finalPackages } = plan
  const stages = finalPackages
    ? [...buildStage(plan, around, ` AS ${buildName}`), ...finalStage(plan, finalPackages, around)]
    : buildStage(plan, around)
  return {
    dockerfile: `${stages.join('\n')}\n`,
    files: Object.fromEntries([
      ...files.map(([path, content]) => [contextPath(path), content] as const),
      ...Object.entries(plan.files).map(([path, content]) => [ownPath(path), content] as const),
    ]),
  }
}

const buildName = 'berth-build'

/** Ordered so that what changes least comes first: packages, dependency manifests, install, source, build. */
function buildStage(plan: Plan, around: Around, name = ''): string[] {
  const early = plan.manifests.length > 0
  return [
    `FROM ${around.base}${name}`,
    ...prepared(plan, plan.packages, around),
    ...(plan.finalPackages ? [] : setup(plan, around)),
    ...asUser,
    ...(around.envMark ? [`ARG BERTH_ENV=${around.envMark}`] : []),
    ...(early ? [copy([...plan.manifests.map((path) => `app/${path}`)], '/app/')] : [copyAll]),
    ...Object.keys(plan.files).flatMap((path) => copyOwn(path, plan.files[path] ?? '')),
    ...plan.before.flatMap((step) => stepRuns(around, step)),
    ...plan.install.map((step) => stepRun(around, step)),
    ...(early ? [copyAll] : []),
    ...plan.build.flatMap((step) => stepRuns(around, step)),
  ]
}

function finalStage(plan: Plan, packages: Plan['packages'], around: Around): string[] {
  return [
    `FROM ${around.base}`,
    ...prepared(plan, packages, around),
    ...setup(plan, around),
    ...asUser,
    copy(['/app/'], '/app/', buildName),
  ]
}

/** The user, the packages, and the runtime's own files and variables. */
function prepared({ runtime, env }: Plan, packages: Plan['packages'], around: Around): string[] {
  const files = Object.entries(runtime.files)
  return [
    ...hostArguments(around.host),
    run(around, ['/bin/sh', '-c', addUser]),
    ...packages.map((names) => packageStep(names, around)),
    ...files.map(([path]) => copyFile(contextPath(path), path)),
    ...executables(files, around),
    ...Object.entries(env).map(([name, value]) => `ENV ${name}=${quoted(value)}`),
  ]
}

const setup = ({ runtime }: Plan, around: Around) => runtime.setup.map((line) => run(around, ['/bin/sh', '-c', line]))

const asUser = ['ENV HOME=/home/app', 'WORKDIR /app', `USER ${user}`]

const copyAll = copy(['app/'], '/app/')

function copy(from: readonly string[], to: string, stage?: string): string {
  return `COPY --chown=${user} ${stage ? `--from=${stage} ` : ''}${JSON.stringify([...from, to])}`
}

const copyFile = (from: string, to: string) => `COPY ${JSON.stringify([from, to])}`
const contextPath = (path: string) => `runtime${path}`
const ownPath = (path: string) => `own${path}`

function executables(files: readonly (readonly [string, string])[], around: Around): string[] {
  const scripts = files.filter(([, content]) => content.startsWith('#!')).map(([path]) => path)
  return scripts.length > 0 ? [run(around, ['chmod', '0755', ...scripts])] : []
}

/** One layer for all apps that want the same packages. apt checks what it takes from the caches, so all may share them. */
export function packageStep(packages: readonly string[], around: Around): string {
  const script = around.install ?? aptInstall
  const cache = (name: string, target: string) =>
    `--mount=type=cache,id=${around.caches.shared}/${name},target=${target},sharing=locked`
  const mounts = [cache('apt', '/var/cache/apt'), cache('lists', '/var/lib/apt/lists')]
  const variables = [titled('Installing packages'), 'DEBIAN_FRONTEND=noninteractive']
  return run(around, ['/usr/bin/env', ...variables, '/bin/sh', '-c', script, 'apt', ...packages], mounts)
}

/** A step carries its title in its own words, for BuildKit shows those (after it has replaced every `$`). */
export const titled = (title: string) => `BERTH_STEP=${title}`

/** The title of a step by BuildKit's name for it; steps without one are not shown. */
export const titleOf = (name: string) => /"BERTH_STEP=([^"]*)"/.exec(name)?.[1]

/** A file that the definition has written for the image; what lies in /app is the app's. */
function copyOwn(path: string, content: string): string[] {
  const mode = content.startsWith('#!') ? ' --chmod=755' : ''
  const owner = path.startsWith('/app/') ? ` --chown=${user}` : ''
  return [`COPY${mode}${owner} ${JSON.stringify([ownPath(path), path])}`]
}

type PlannedStep = Plan['build'][number]

const stepRuns = (around: Around, step: PlannedStep): string[] =>
  'root' in step && step.root ? ['USER 0:0', stepRun(around, step), `USER ${user}`] : [stepRun(around, step)]

function stepRun(around: Around, step: PlannedStep): string {
  const cache = 'cache' in step ? (step.cache ?? {}) : {}
  const mounts = [...new Set(Object.values(cache))].map((name) => cacheMount(around, name))
  const secret = around.envMark
    ? [`--mount=type=secret,id=berth-env,target=${hostFolder}/env,uid=1000,gid=1000,mode=0400`]
    : []
  const variables = Object.entries(cache).map(([name, cached]) => `${name}=${cacheFolder(cached)}`)
  const argv = ['/usr/bin/env', titled(step.title), ...variables, '/bin/sh', '-c', ...script(around, step)]
  return run(around, argv, [...mounts, ...secret])
}

const isStep = (step: PlannedStep): step is Step => 'run' in step

/** The step's text, or another command as arguments; with the build-time variables read from their file first. */
function script(around: Around, step: PlannedStep): readonly string[] {
  const load = around.envMark ? `. ${hostFolder}/env; ` : ''
  return isStep(step) ? [load + step.run] : [`${load}exec "$@"`, 'build', ...step.argv]
}

export const cacheFolder = (name: string) => `/dev/berth-cache/${name}`

/** For the app's user, unless said. */
export const cacheMount = (around: Around, name: string, owner = 1000) =>
  `--mount=type=cache,id=${around.caches.own}/${name},target=${cacheFolder(name)},uid=${owner},gid=${owner}`

export function run(around: Around, argv: readonly string[], mounts: readonly string[] = []): string {
  return ['RUN', ...hostMounts(around.host), ...mounts, JSON.stringify(argv)].join(' ')
}

/** Flags of a RUN instruction that show it the host's settings. */
export const hostMounts = ({ files }: HostSettings): string[] =>
  files.map(({ id, name }) => `--mount=type=secret,id=${id},target=${hostFolder}/${name},mode=0444`)

/** Build arguments that point at them: steps see them as variables, the image does not. */
export const hostArguments = ({ variables }: HostSettings): string[] =>
  Object.entries(variables).map(([name, value]) => `ARG ${name}=${value}`)

export const quoted = (value: string) => `"${value.replace(/["\\$]/g, '\\$&')}"`

/** A short mark that changes with the variables and tells nothing about them to who lacks the key. */
export function markOf(env: Readonly<Record<string, string>>, key: string): string {
  const pairs = Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return pairs.length === 0
    ? ''
    : createHash('sha256').update(key).update(JSON.stringify(pairs)).digest('hex').slice(0, 16)
}
