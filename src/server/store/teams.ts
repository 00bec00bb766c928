import type { Actor } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import type { TeamRow } from './access.ts'
import { type UserRow, userByName } from './people.ts'
import type { ReadTx, WriteTx } from './store.ts'

/** The teams that an actor sees, by name. */
export const teamsSeenBy = (tx: ReadTx, actor: Actor): Promise<TeamRow[]> => {
  const all = tx.selectFrom('teams').selectAll().orderBy('name')
  return actor.role === 'admin' ? all.execute() : all.where('id', 'in', Object.keys(actor.teams)).execute()
}

export async function membersOf(tx: ReadTx, teamId: string): Promise<{ user: string; role: 'admin' | 'member' }[]> {
  return await tx
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['users.name as user', 'members.role'])
    .where('members.team_id', '=', teamId)
    .orderBy('users.name')
    .execute()
}

export async function removeMember(tx: WriteTx, teamId: string, user: UserRow): Promise<void> {
  const { numDeletedRows } = await tx
    .deleteFrom('members')
    .where('team_id', '=', teamId)
    .where('user_id', '=', user.id)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) refuse('NOT_FOUND', 'member', user.name)
}

export const allUsers = (tx: ReadTx): Promise<UserRow[]> => tx.selectFrom('users').selectAll().orderBy('name').execute()

/** Every membership with the team's name, by user. */
export async function membershipsByUser(tx: ReadTx) {
  const rows = await tx
    .selectFrom('members')
    .innerJoin('teams', 'teams.id', 'members.team_id')
    .select(['members.user_id', 'teams.name', 'members.role'])
    .orderBy('teams.name')
    .execute()
  return Map.groupBy(rows, ({ user_id }) => user_id)
}

/** How many apps and members each team has. */
export async function countsByTeam(tx: ReadTx) {
  const count = async (table: 'apps' | 'members') => {
    const rows = await tx
      .selectFrom(table)
      .select((of) => ['team_id', of.fn.countAll<number>().as('count')])
      .groupBy('team_id')
      .execute()
    return new Map(rows.map(({ team_id, count }) => [team_id, Number(count)]))
  }
  return { apps: await count('apps'), members: await count('members') }
}

/** The installation must always have somebody who may manage it. */
export async function refuseLastOperator(tx: ReadTx, user: UserRow): Promise<void> {
  const others = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled', '=', 0)
    .where('id', '!=', user.id)
    .executeTakeFirst()
  if (!others) refuse('INVALID', 'user', `${user.name} is the last operator and must stay one`)
}

export const existingUser = async (tx: ReadTx, name: string): Promise<UserRow> =>
  (await userByName(tx, name)) ?? refuse('NOT_FOUND', 'user', name)
