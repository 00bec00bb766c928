import { appHome, type Metadata, type Script } from '../model/definition/upaas/metadata.ts'
import { debian, packagesFor } from '../model/definition/upaas/packages.ts'
import { siftUwsgi } from '../model/definition/upaas/uwsgi.ts'
import { agreedVersion } from '../model/definition/upaas/versions.ts'
import { refuse } from '../model/refusal.ts'
import type { ProcessType } from '../model/release.ts'
import type { Interpreted } from './interpreted.ts'

/**
 * Where the app's files come from. clone: a first build, or a fresh one. update: the package before, brought up to date.
 * tree: what was pushed or uploaded.
 */
export type Origin = 'clone' | 'update' | 'tree'

export type MetadataStep = {
  readonly name: string
  readonly title: string
  readonly commands: Script
  readonly folder: string
  /** Variables that it has besides those of the image. */
  readonly env: Readonly<Record<string, string>>
  /** repository: those of its `env` alone. app: those of the app too. system: none. */
  readonly sees: 'repository' | 'app' | 'system'
}

/** Metadata applied to one interpreter on one distribution; nothing rendered yet. */
export type MetadataPlan = {
  readonly metadata: Metadata
  readonly runtime: Interpreted
  /** Nothing when none that it asks for is there: a build would be refused. */
  readonly version?: string
  readonly problem?: string
  /** Layers of packages: those of the interpreter, then those of the app. */
  readonly packages: readonly (readonly string[])[]
  readonly env: Readonly<Record<string, string>>
  readonly origin: Origin
  readonly fresh: boolean
  /** In order; the pushed tree, the revision and the files have no commands of the user's. */
  readonly steps: readonly MetadataStep[]
  readonly uwsgi: readonly string[]
  readonly processes: readonly ProcessType[]
  readonly warnings: readonly string[]
}

export type MetadataChoice = {
  readonly origin: Origin
  /** Nothing of an earlier build is there. */
  readonly fresh: boolean
  /** Code name of the distribution's release, where it is known. */
  readonly suite?: string
  /** What the operator lets apps set of uWSGI. */
  readonly safe: readonly string[]
  /** UPAAS_SYSTEM_DOMAIN and its like. */
  readonly env: Readonly<Record<string, string>>
}

export const uwsgiFile = '/etc/berth/uwsgi.ini'

/** Pure: all that a build by metadata will do. */
export function planMetadata(metadata: Metadata, runtime: Interpreted, choice: MetadataChoice): MetadataPlan {
  const { interpreter } = runtime
  const { packages, warnings } = packagesFor(metadata.os, debian(choice.suite))
  const sifted = siftUwsgi(metadata.uwsgi, choice.safe)
  const ofInterpreter = [...interpreter.packages, ...(interpreter.packagesOf[choice.suite ?? ''] ?? [])]
  return {
    metadata,
    runtime,
    ...versionFor(metadata, runtime, choice.suite),
    packages: [ofInterpreter, packages.filter((name) => !ofInterpreter.includes(name))].filter(
      ({ length }) => length > 0,
    ),
    env: interpreter.env,
    origin: choice.origin,
    fresh: choice.fresh,
    steps: stepsOf(metadata, runtime, choice).filter(({ commands, name }) => commands.length > 0 || ours.has(name)),
    uwsgi: uwsgiLines(metadata, runtime, sifted.kept),
    processes: [{ name: 'web', command: ['uwsgi', '--ini', uwsgiFile] }],
    warnings: [
      ...warnings,
      ...sifted.dropped.map(
        (line) => `uwsgi: "${line}" is not among the options that your operator lets through, and is left out`,
      ),
      ...(choice.origin === 'tree'
        ? ['the files that were sent are built; repository.clone and repository.update are not run']
        : []),
    ],
  }
}

/** A version in the distribution's full writing; only where its release is unknown, what the metadata says is taken. */
function versionFor({ interpreter }: Metadata, { title, version }: Interpreted, suite: string | undefined) {
  const { packaged = {} } = version ?? {}
  const offered = Object.hasOwn(packaged, suite ?? '') ? Object.keys(packaged[suite ?? ''] ?? {}) : undefined
  if (!offered) return { version: interpreter.versions[0] ?? '' }
  const agreed = agreedVersion(interpreter.versions, offered)
  if (agreed !== undefined) return { version: agreed }
  const asked = `unsupported interpreter version: it asks for ${title} ${interpreter.versions.join(', ')}`
  const there = `there is ${offered.join(', ')} here; add that to interpreter.versions once the app runs with it`
  return { problem: `${asked}, and ${there}` }
}

/** Throws DEFINITION where no version of the interpreter fits. */
export function requireVersion({ metadata, version, problem = '' }: MetadataPlan): string {
  const { line, column } = metadata.interpreter.versionsAt
  return version ?? refuse('DEFINITION', metadata.file, line, column, problem)
}

/** Steps that are there without commands of the user's. */
const ours = new Set(['tree', 'revision', 'files'])

function stepsOf(metadata: Metadata, { interpreter }: Interpreted, choice: MetadataChoice): MetadataStep[] {
  const { actions, repository } = metadata
  const repositoryEnv = repository.env
  const actionEnv = { HOME: appHome, ...(choice.fresh && { UPAAS_FRESH_PACKAGE: 'true' }), ...choice.env }
  const system = (name: 'system' | 'interpreter' | 'finalize'): MetadataStep => ({
    name,
    title: `Running ${name} actions`,
    commands: interpreter.actions[name],
    folder: '/',
    env: actionEnv,
    sees: 'system',
  })
  const action = (name: 'before' | 'main' | 'after'): MetadataStep => ({
    name,
    title: `Running ${name} actions`,
    commands: actions[name] ?? interpreter.actions[name],
    folder: appHome,
    env: actionEnv,
    sees: 'app',
  })
  const own = (name: string, title: string): MetadataStep => ({
    name,
    title,
    commands: [],
    folder: appHome,
    env: name === 'revision' ? { ...repositoryEnv, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' } : {},
    sees: name === 'revision' ? 'repository' : 'system',
  })
  return [
    system('system'),
    system('interpreter'),
    ...(choice.origin === 'tree'
      ? [own('tree', 'Taking the files that were sent')]
      : [fetching(choice.origin, repository, repositoryEnv)]),
    ...(choice.origin === 'tree' ? [] : [own('revision', 'Asking for the revision')]),
    ...(Object.keys(metadata.files).length > 0 ? [own('files', 'Writing files')] : []),
    action('before'),
    action('main'),
    action('after'),
    system('finalize'),
  ]
}

function fetching(
  origin: 'clone' | 'update',
  repository: Metadata['repository'],
  env: MetadataStep['env'],
): MetadataStep {
  const commands = repository[origin].map((command) => command.replaceAll('%destination%', appHome))
  const title = origin === 'clone' ? 'Cloning the repository' : 'Updating the repository'
  return { name: origin, title, commands, folder: origin === 'clone' ? '/' : appHome, env, sees: 'repository' }
}

/** What any app has; then what the interpreter needs; then what the app wants. */
function uwsgiLines(
  { interpreter }: Metadata,
  { interpreter: { settings, uwsgi } }: Interpreted,
  own: readonly string[],
): string[] {
  const values: Readonly<Record<string, string>> = { ...settings, ...interpreter.settings }
  const filled = uwsgi.map((line) =>
    line.replace(/\{([A-Za-z_][\w-]*)\}/g, (all, name: string) =>
      Object.hasOwn(values, name) ? (values[name] ?? '') : all,
    ),
  )
  return [
    'http-socket = 0.0.0.0:$(PORT)',
    `chdir = ${appHome}`,
    'master = true',
    'hook-master-start = unix_signal:15 gracefully_kill_them_all',
    'no-orphans = true',
    'processes = 4',
    'cheaper = 1',
    'buffer-size = 8192',
    'post-buffering = 4096',
    'offload-threads = 1',
    'log-x-forwarded-for = true',
    ...filled,
    ...own,
  ]
}
