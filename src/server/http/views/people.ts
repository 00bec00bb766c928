import type { z } from 'zod'
import type { Key } from '../../../contract/keys.ts'
import type { Whoami } from '../../../contract/sessions.ts'
import type { Team } from '../../../contract/teams.ts'
import type { Token } from '../../../contract/tokens.ts'
import type { User } from '../../../contract/users.ts'
import type { Actor } from '../../../model/policy.ts'
import type { TeamRow } from '../../store/access.ts'
import type { KeyRow } from '../../store/keys.ts'
import type { UserRow } from '../../store/people.ts'
import type { ReadTx } from '../../store/store.ts'
import { countsByTeam, membershipsByUser } from '../../store/teams.ts'
import type { TokenRow } from '../../store/tokens.ts'

type Role = 'admin' | 'member'

const byName = ({ name, role }: { readonly name: string; readonly role: Role }) => ({ name, role })

export async function whoamiView(tx: ReadTx, { id, name, role }: Actor): Promise<z.input<typeof Whoami>> {
  const memberships = (await membershipsByUser(tx)).get(id) ?? []
  return { name, role, teams: memberships.map(byName) }
}

export async function userViews(tx: ReadTx, users: readonly UserRow[]): Promise<z.input<typeof User>[]> {
  const memberships = await membershipsByUser(tx)
  return users.map(({ id, name, role, disabled, created_at }) => ({
    name,
    role,
    disabled: disabled === 1,
    teams: (memberships.get(id) ?? []).map(byName),
    createdAt: created_at,
  }))
}

export async function teamViews(tx: ReadTx, teams: readonly TeamRow[]): Promise<z.input<typeof Team>[]> {
  const { apps, members } = await countsByTeam(tx)
  return teams.map(({ id, name, created_at }) => ({
    name,
    apps: apps.get(id) ?? 0,
    members: members.get(id) ?? 0,
    createdAt: created_at,
  }))
}

export const keyView = (row: KeyRow): z.input<typeof Key> => ({
  id: row.id,
  name: row.name,
  type: row.public_key.split(' ')[0] ?? '',
  fingerprint: row.fingerprint,
  createdAt: row.created_at,
})

export const tokenView = (row: TokenRow): z.input<typeof Token> => ({
  id: row.id,
  name: row.name,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
})
