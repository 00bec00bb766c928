/** Who asks. Teams by id, with the role in each. */
export type Actor = {
  readonly id: string
  readonly name: string
  readonly role: 'admin' | 'member'
  readonly teams: Readonly<Record<string, 'admin' | 'member'>>
}

/** What may be done to a thing of a team, and who at least may do it. `operator` = admin of the installation. */
export const actions = {
  'app:read': 'member',
  'app:create': 'member',
  'app:deploy': 'member',
  'app:configure': 'member',
  'app:run': 'member',
  'app:destroy': 'admin',
  'domain:skip-proof': 'operator',
  'preview:approve': 'admin',
  'pipeline:read': 'member',
  'pipeline:manage': 'member',
  'operation:read': 'member',
  'operation:cancel': 'member',
  'team:read': 'member',
  'team:manage': 'admin',
  'team:create': 'operator',
  'team:limit': 'operator',
  'user:manage': 'operator',
  'stack:manage': 'operator',
  'platform:read': 'operator',
} as const satisfies Record<string, 'member' | 'admin' | 'operator'>

export type Action = keyof typeof actions

type Deed = (thing: string) => string

/** What somebody may not do, after "you may not"; the thing is named as in "app blog". */
export const deeds: Readonly<Record<Action, Deed>> = {
  'app:read': (app) => `see ${app}`,
  'app:create': (team) => `create apps in ${team}`,
  'app:deploy': (app) => `deploy ${app}`,
  'app:configure': (app) => `change the configuration of ${app}`,
  'app:run': (app) => `run commands in ${app}`,
  'app:destroy': (app) => `destroy ${app}`,
  'domain:skip-proof': () => 'add a host name without a look at whose it is',
  'preview:approve': (app) => `approve previews of ${app}`,
  'pipeline:read': (pipeline) => `see ${pipeline}`,
  'pipeline:manage': (pipeline) => `change ${pipeline}`,
  'operation:read': (operation) => `see ${operation}`,
  'operation:cancel': (operation) => `cancel ${operation}`,
  'team:read': (team) => `see ${team}`,
  'team:manage': (team) => `manage ${team}`,
  'team:create': () => 'create teams',
  'team:limit': (team) => `limit the builds of ${team}`,
  'user:manage': () => 'manage users',
  'stack:manage': () => 'make stacks or bring apps onto them',
  'platform:read': () => 'see the state of this installation',
}

/** The only rule: operators may all; in a team, its admins what needs an admin, its members the rest. */
export function may(actor: Actor, action: Action, teamId: string | null): boolean {
  if (actor.role === 'admin') return true
  const needed = actions[action]
  const has = teamId === null ? undefined : roleIn(actor, teamId)
  return has !== undefined && (needed === 'member' || (needed === 'admin' && has === 'admin'))
}

/** Whether the actor may know that a thing of this team exists. */
export const sees = (actor: Actor, teamId: string) => actor.role === 'admin' || roleIn(actor, teamId) !== undefined

const roleIn = ({ teams }: Actor, teamId: string) => (Object.hasOwn(teams, teamId) ? teams[teamId] : undefined)
