import { appHome, type Metadata, type Script } from '../model/definition/upaas/metadata.ts'
import type { Interpreter } from './schema.ts'

/**
 * Where the app's files come from. clone: a first build, or a fresh one. update: the package before, brought up to date.
 * tree: what was pushed or uploaded.
 */
export type Origin = 'clone' | 'update' | 'tree'

export type MetadataStep = {
  readonly name: string
  readonly title: string
  /** None in those that are ours: the tree, the revision, the files. */
  readonly commands: Script
  readonly folder: string
  /** Variables that it has besides those of the image. */
  readonly env: Readonly<Record<string, string>>
  /** repository: those of its `env` alone. app: those of the app too. system: none. */
  readonly sees: 'repository' | 'app' | 'system'
}

type Choice = { readonly origin: Origin; readonly fresh: boolean; readonly env: MetadataStep['env'] }

/** All that a build does, in order; actions without commands are no steps. */
export function stepsOf(metadata: Metadata, interpreter: Interpreter, choice: Choice): MetadataStep[] {
  const env = { HOME: appHome, ...(choice.fresh && { UPAAS_FRESH_PACKAGE: 'true' }), ...choice.env }
  const system = (name: 'system' | 'interpreter' | 'finalize') =>
    actions(name, interpreter.actions[name], { folder: '/', env, sees: 'system' })
  const action = (name: 'before' | 'main' | 'after') =>
    actions(name, metadata.actions[name] ?? interpreter.actions[name], { folder: appHome, env, sees: 'app' })
  return [
    ...system('system'),
    ...system('interpreter'),
    ...codeSteps(choice.origin, metadata.repository),
    ...(Object.keys(metadata.files).length > 0 ? [filesStep] : []),
    ...action('before'),
    ...action('main'),
    ...action('after'),
    ...system('finalize'),
  ]
}

type Around = Pick<MetadataStep, 'folder' | 'env' | 'sees'>

const actions = (name: string, commands: Script, around: Around): MetadataStep[] =>
  commands.length > 0 ? [{ name, title: `Running ${name} actions`, commands, ...around }] : []

const filesStep: MetadataStep = {
  name: 'files',
  title: 'Writing files',
  commands: [],
  folder: appHome,
  env: {},
  sees: 'system',
}

/** The code, and what version control says of it; of what was pushed, Berth knows that itself. */
function codeSteps(origin: Origin, { env, ...repository }: Metadata['repository']): MetadataStep[] {
  const plain = { folder: appHome, env: {}, sees: 'system' } as const
  if (origin === 'tree') return [{ name: 'tree', title: 'Taking the files that were sent', commands: [], ...plain }]
  const commands = repository[origin].map((command) => command.replaceAll('%destination%', appHome))
  const title = origin === 'clone' ? 'Cloning the repository' : 'Updating the repository'
  const folder = origin === 'clone' ? '/' : appHome
  const revisionEnv = { ...env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }
  return [
    { name: origin, title, commands, folder, env, sees: 'repository' },
    {
      ...plain,
      name: 'revision',
      title: 'Asking for the revision',
      commands: [],
      env: revisionEnv,
      sees: 'repository',
    },
  ]
}
