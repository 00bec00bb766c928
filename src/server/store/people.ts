import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Selectable } from 'kysely'
import type { Label } from '../../model/names.ts'
import type { Actor } from '../../model/policy.ts'
import { refuse } from '../../model/refusal.ts'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type UserRow = Selectable<Tables['users']>

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>

/** scrypt with a salt of its own; slow on purpose, so never inside a transaction. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `scrypt.${salt.toString('hex')}.${(await derive(password, salt, 32)).toString('hex')}`
}

export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const [, salt = '', hash = ''] = stored.split('.')
  const derived = await derive(password, Buffer.from(salt, 'hex'), 32)
  const expected = Buffer.from(hash, 'hex')
  return expected.length === derived.length && timingSafeEqual(derived, expected)
}

/** Tokens are random, so a plain digest is enough; only the digest is kept. */
export const tokenHash = (token: string) => createHash('sha256').update(token).digest('hex')

export type NewUser = { name: Label; role: 'admin' | 'member'; passwordHash: string }

export async function createUser(tx: WriteTx, user: NewUser): Promise<UserRow> {
  const taken = await userByName(tx, user.name)
  if (taken) return refuse('NAME_TAKEN', 'user', user.name)
  return await tx
    .insertInto('users')
    .values({
      id: randomId(),
      name: user.name,
      role: user.role,
      password_hash: user.passwordHash,
      disabled: 0,
      created_at: now(),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export const userByName = (tx: ReadTx, name: string) =>
  tx.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst()

export type UserChange = {
  readonly disabled?: boolean | undefined
  readonly role?: 'admin' | 'member' | undefined
  readonly passwordHash?: string | undefined
}

export const updateUser = (
  tx: WriteTx,
  user: UserRow,
  { disabled, role, passwordHash }: UserChange,
): Promise<UserRow> =>
  tx
    .updateTable('users')
    .set({
      disabled: disabled === undefined ? user.disabled : disabled ? 1 : 0,
      role: role ?? user.role,
      password_hash: passwordHash ?? user.password_hash,
    })
    .where('id', '=', user.id)
    .returningAll()
    .executeTakeFirstOrThrow()

export const setPassword = (tx: WriteTx, userId: string, passwordHash: string) =>
  tx.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute()

export async function createTeam(tx: WriteTx, name: Label): Promise<string> {
  const taken = await tx.selectFrom('teams').select('id').where('name', '=', name).executeTakeFirst()
  if (taken) return refuse('NAME_TAKEN', 'team', name)
  const id = randomId()
  await tx.insertInto('teams').values({ id, name, created_at: now() }).execute()
  return id
}

export const setMember = (tx: WriteTx, teamId: string, userId: string, role: 'admin' | 'member') =>
  tx
    .insertInto('members')
    .values({ team_id: teamId, user_id: userId, role })
    .onConflict((conflict) => conflict.columns(['team_id', 'user_id']).doUpdateSet({ role }))
    .execute()

/** Gives the token itself: the only time that it can be read. */
export async function createToken(tx: WriteTx, userId: string, name: Label, expiresAt: string | null): Promise<string> {
  const taken = await tx
    .selectFrom('tokens')
    .select('id')
    .where('user_id', '=', userId)
    .where('name', '=', name)
    .executeTakeFirst()
  if (taken) return refuse('NAME_TAKEN', 'token', name)
  const token = `berth_${randomId(40)}`
  await tx
    .insertInto('tokens')
    .values({
      id: randomId(),
      user_id: userId,
      name,
      hash: tokenHash(token),
      created_at: now(),
      last_used_at: null,
      expires_at: expiresAt,
    })
    .execute()
  return token
}

/** Undefined for a token that is unknown, expired, or of a disabled user. */
export async function actorByToken(tx: ReadTx, token: string): Promise<Actor | undefined> {
  const row = await tx.selectFrom('tokens').selectAll().where('hash', '=', tokenHash(token)).executeTakeFirst()
  if (!row || (row.expires_at !== null && row.expires_at <= now())) return undefined
  return actorById(tx, row.user_id)
}

export async function actorByKey(tx: ReadTx, fingerprint: string): Promise<Actor | undefined> {
  const row = await tx.selectFrom('keys').select('user_id').where('fingerprint', '=', fingerprint).executeTakeFirst()
  return row && actorById(tx, row.user_id)
}

export async function actorById(tx: ReadTx, userId: string): Promise<Actor | undefined> {
  const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst()
  if (!user || user.disabled) return undefined
  const members = await tx.selectFrom('members').selectAll().where('user_id', '=', userId).execute()
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    teams: Object.fromEntries(members.map(({ team_id, role }) => [team_id, role])),
  }
}
