import type { Selectable } from 'kysely'
import { now, randomId } from './ids.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

export type RegistryRow = Selectable<Tables['registries']>

/** Those of a team, and of its apps. */
export const registriesOf = (tx: ReadTx, teamId: string) =>
  tx
    .selectFrom('registries')
    .leftJoin('apps', 'apps.id', 'registries.app_id')
    .selectAll('registries')
    .select('apps.name as app')
    .where('registries.team_id', '=', teamId)
    .orderBy('server')
    .orderBy('registries.created_at')
    .execute()

/** What an app opens a registry with: its own before its team's. */
export async function registryFor(tx: ReadTx, appId: string, server: string): Promise<RegistryRow | undefined> {
  const rows = await tx
    .selectFrom('registries')
    .innerJoin('apps', 'apps.team_id', 'registries.team_id')
    .selectAll('registries')
    .where('apps.id', '=', appId)
    .where('registries.server', '=', server)
    .where((is) => is.or([is('registries.app_id', 'is', null), is('registries.app_id', '=', appId)]))
    .execute()
  return rows.find(({ app_id }) => app_id === appId) ?? rows[0]
}

type Values = Pick<RegistryRow, 'team_id' | 'app_id' | 'server' | 'username' | 'password'>

/** In place of what was kept for the same registry. */
export async function putRegistry(tx: WriteTx, values: Values): Promise<RegistryRow> {
  await tx
    .deleteFrom('registries')
    .where('team_id', '=', values.team_id)
    .where('server', '=', values.server)
    .where('app_id', values.app_id === null ? 'is' : '=', values.app_id)
    .execute()
  return await tx
    .insertInto('registries')
    .values({ id: randomId(), ...values, created_at: now() })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Whether there was one. */
export async function removeRegistry(tx: WriteTx, teamId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('registries')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}
