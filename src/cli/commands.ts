import type { Command } from './command.ts'

/** All there is; each is loaded only when it is called. */
const commands = {
  deploy: () => import('./commands/deploy.ts'),
  ps: () => import('./commands/ps.ts'),
  logs: () => import('./commands/logs.ts'),
  env: () => import('./commands/env.ts'),
  'env set': () => import('./commands/envSet.ts'),
  'env scope': () => import('./commands/envScope.ts'),
  'env unset': () => import('./commands/envUnset.ts'),
  'env import': () => import('./commands/envImport.ts'),
  'env export': () => import('./commands/envExport.ts'),
  scale: () => import('./commands/scale.ts'),
  run: () => import('./commands/run.ts'),
  releases: () => import('./commands/releases.ts'),
  rollback: () => import('./commands/rollback.ts'),
  restart: () => import('./commands/restart.ts'),
  open: () => import('./commands/open.ts'),
  'app create': () => import('./commands/appCreate.ts'),
  'app clone': () => import('./commands/appClone.ts'),
  'app list': () => import('./commands/appList.ts'),
  'app show': () => import('./commands/appShow.ts'),
  'app destroy': () => import('./commands/appDestroy.ts'),
  promote: () => import('./commands/promote.ts'),
  'pipeline list': () => import('./commands/pipelineList.ts'),
  'pipeline create': () => import('./commands/pipelineCreate.ts'),
  'pipeline show': () => import('./commands/pipelineShow.ts'),
  'pipeline add': () => import('./commands/pipelineAdd.ts'),
  'pipeline remove': () => import('./commands/pipelineRemove.ts'),
  'preview list': () => import('./commands/previewList.ts'),
  'preview create': () => import('./commands/previewCreate.ts'),
  'preview show': () => import('./commands/previewShow.ts'),
  'preview set': () => import('./commands/previewSet.ts'),
  'preview approve': () => import('./commands/previewApprove.ts'),
  'preview remove': () => import('./commands/previewRemove.ts'),
  'release show': () => import('./commands/releaseShow.ts'),
  'metadata show': () => import('./commands/metadataShow.ts'),
  'metadata set': () => import('./commands/metadataSet.ts'),
  'metadata remove': () => import('./commands/metadataRemove.ts'),
  'build plan': () => import('./commands/buildPlan.ts'),
  'release create': () => import('./commands/releaseCreate.ts'),
  'build list': () => import('./commands/buildList.ts'),
  'build show': () => import('./commands/buildShow.ts'),
  'build logs': () => import('./commands/buildLogs.ts'),
  'build cancel': () => import('./commands/buildCancel.ts'),
  'build retry': () => import('./commands/buildRetry.ts'),
  'build pin': () => import('./commands/buildPin.ts'),
  'build unpin': () => import('./commands/buildUnpin.ts'),
  'build download': () => import('./commands/buildDownload.ts'),
  'build delete': () => import('./commands/buildDelete.ts'),
  'source show': () => import('./commands/sourceShow.ts'),
  'source set': () => import('./commands/sourceSet.ts'),
  'source deploy': () => import('./commands/sourceDeploy.ts'),
  'source remove': () => import('./commands/sourceRemove.ts'),
  'registry login': () => import('./commands/registryLogin.ts'),
  'registry list': () => import('./commands/registryList.ts'),
  'registry remove': () => import('./commands/registryRemove.ts'),
  'hook create': () => import('./commands/hookCreate.ts'),
  'hook list': () => import('./commands/hookList.ts'),
  'hook remove': () => import('./commands/hookRemove.ts'),
  'hook deliveries': () => import('./commands/hookDeliveries.ts'),
  'domain add': () => import('./commands/domainAdd.ts'),
  'domain list': () => import('./commands/domainList.ts'),
  'domain remove': () => import('./commands/domainRemove.ts'),
  'operation list': () => import('./commands/operationList.ts'),
  'operation show': () => import('./commands/operationShow.ts'),
  'operation follow': () => import('./commands/operationFollow.ts'),
  'operation cancel': () => import('./commands/operationCancel.ts'),
  'definition check': () => import('./commands/definitionCheck.ts'),
  'definition schema': () => import('./commands/definitionSchema.ts'),
  'runtime list': () => import('./commands/runtimeList.ts'),
  'runtime show': () => import('./commands/runtimeShow.ts'),
  'runtime check': () => import('./commands/runtimeCheck.ts'),
  login: () => import('./commands/login.ts'),
  logout: () => import('./commands/logout.ts'),
  whoami: () => import('./commands/whoami.ts'),
  password: () => import('./commands/password.ts'),
  'key add': () => import('./commands/keyAdd.ts'),
  'key list': () => import('./commands/keyList.ts'),
  'key remove': () => import('./commands/keyRemove.ts'),
  'token create': () => import('./commands/tokenCreate.ts'),
  'token list': () => import('./commands/tokenList.ts'),
  'token remove': () => import('./commands/tokenRemove.ts'),
  'team list': () => import('./commands/teamList.ts'),
  'team create': () => import('./commands/teamCreate.ts'),
  'team members': () => import('./commands/teamMembers.ts'),
  'team add': () => import('./commands/teamAdd.ts'),
  'team remove': () => import('./commands/teamRemove.ts'),
  'user list': () => import('./commands/userList.ts'),
  'user create': () => import('./commands/userCreate.ts'),
  'user change': () => import('./commands/userChange.ts'),
  'event list': () => import('./commands/eventList.ts'),
  'platform show': () => import('./commands/platformShow.ts'),
  up: () => import('./commands/up.ts'),
  down: () => import('./commands/down.ts'),
  status: () => import('./commands/status.ts'),
  doctor: () => import('./commands/doctor.ts'),
  complete: () => import('./commands/complete.ts'),
  completion: () => import('./commands/completion.ts'),
  version: () => import('./commands/version.ts'),
  help: () => import('./commands/help.ts'),
} as const satisfies Record<string, () => Promise<{ readonly command: Command }>>

/** Other ways to say the same: what people know from elsewhere. */
const aliases: Readonly<Record<string, keyof typeof commands>> = {
  apps: 'app list',
  'app info': 'app show',
  info: 'app show',
  'env list': 'env',
  'release list': 'releases',
  'scale show': 'scale',
  domains: 'domain list',
  keys: 'key list',
  tokens: 'token list',
  'instance list': 'ps',
  builds: 'build list',
  pipelines: 'pipeline list',
  previews: 'preview list',
}

type Name = keyof typeof commands

const isName = (name: string): name is Name => Object.hasOwn(commands, name)

export const listedNames: readonly string[] = Object.keys(commands)

export const commandNames: readonly string[] = [...listedNames, ...Object.keys(aliases)]

export async function loadCommand(name: string): Promise<Command> {
  const target = isName(name) ? name : aliases[name]
  if (target === undefined) throw new Error(`no command "${name}"`)
  return (await commands[target]()).command
}

/** For texts about all commands. */
export async function loadAll(): Promise<ReadonlyMap<string, Command>> {
  const loaded = await Promise.all(listedNames.map(async (name) => [name, await loadCommand(name)] as const))
  return new Map(loaded)
}
