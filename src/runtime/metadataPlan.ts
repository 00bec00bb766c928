import { appHome, type Metadata } from '../model/definition/upaas/metadata.ts'
import { debian, packagesFor } from '../model/definition/upaas/packages.ts'
import { siftUwsgi } from '../model/definition/upaas/uwsgi.ts'
import { agreedVersion } from '../model/definition/upaas/versions.ts'
import { refuse } from '../model/refusal.ts'
import type { ProcessType } from '../model/release.ts'
import type { Interpreted } from './interpreted.ts'
import { type MetadataStep, type Origin, stepsOf } from './metadataSteps.ts'

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
  /** Instead of those of the metadata. */
  readonly version?: string
  /** What the operator lets apps set of uWSGI. */
  readonly safe: readonly string[]
  /** UPAAS_SYSTEM_DOMAIN and its like. */
  readonly env: Readonly<Record<string, string>>
}

/** Lets an app have another version than its metadata say, as an option of uPaaS's builds did. */
export const versionVariable = 'UPAAS_INTERPRETER_VERSION'

export const uwsgiFile = '/etc/berth/uwsgi.ini'

/** Pure: all that a build by metadata will do. */
export function planMetadata(metadata: Metadata, runtime: Interpreted, choice: MetadataChoice): MetadataPlan {
  const { interpreter } = runtime
  const { packages, warnings } = packagesFor(metadata.os, debian(choice.suite))
  const sifted = siftUwsgi(metadata.uwsgi, choice.safe)
  const version = versionFor(metadata, runtime, choice)
  const ofInterpreter = [...interpreter.packages, ...(interpreter.packagesOf[choice.suite ?? ''] ?? [])]
  return {
    metadata,
    runtime,
    ...version,
    packages: [ofInterpreter, packages.filter((name) => !ofInterpreter.includes(name))].filter(
      ({ length }) => length > 0,
    ),
    env: interpreter.env,
    origin: choice.origin,
    fresh: choice.fresh,
    steps: stepsOf(metadata, runtime.interpreter, choice),
    uwsgi: uwsgiLines(metadata, runtime, sifted.kept),
    processes: [{ name: 'web', command: ['uwsgi', '--ini', uwsgiFile] }],
    warnings: [...warnings, ...version.warnings, ...warningsOf(metadata, runtime, sifted.dropped, choice)],
  }
}

function warningsOf(
  { interpreter: { settings } }: Metadata,
  { name, interpreter }: Interpreted,
  dropped: readonly string[],
  { origin }: MetadataChoice,
): string[] {
  const strange = Object.keys(settings).filter((setting) => !Object.hasOwn(interpreter.settings, setting))
  return [
    ...strange.map((setting) => `interpreter.settings: "${setting}" means nothing to ${name} and is left out`),
    ...dropped.map(
      (line) => `uwsgi: "${line}" is not among the options that your operator lets through; it is left out`,
    ),
    ...(origin === 'tree' ? ['what was sent is built; repository.clone and repository.update are not run'] : []),
  ]
}

type Version = { readonly version?: string; readonly problem?: string; readonly warnings: readonly string[] }

/** A version in the distribution's full writing; only where its release is unknown, what is asked for is believed. */
function versionFor({ interpreter }: Metadata, { title, version }: Interpreted, choice: MetadataChoice): Version {
  const { packaged = {} } = version ?? {}
  const { suite = '', version: wanted } = choice
  const asked = wanted === undefined ? interpreter.versions : [wanted]
  const said = `${title} ${interpreter.versions.join(', ')}`
  const warnings = wanted === undefined ? [] : [`it asks for ${said}; ${wanted} is taken, as ${versionVariable} says`]
  const offered = Object.hasOwn(packaged, suite) ? Object.keys(packaged[suite] ?? {}) : undefined
  if (!offered) return { version: asked[0] ?? '', warnings }
  const agreed = agreedVersion(asked, offered)
  if (agreed !== undefined) return { version: agreed, warnings }
  const there = offered.join(', ')
  const wayOut = `to try it with that, berth env set ${versionVariable}=${offered[0]}`
  return {
    problem: `unsupported interpreter version: it asks for ${said}, and there is ${there} here; ${wayOut}`,
    warnings,
  }
}

/** Throws DEFINITION where no version of the interpreter fits. */
export function requireVersion({ metadata, version, problem = '' }: MetadataPlan): string {
  const { line, column } = metadata.interpreter.versionsAt
  return version ?? refuse('DEFINITION', metadata.file, line, column, problem)
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
