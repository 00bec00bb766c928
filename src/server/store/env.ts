import type { Selectable } from 'kysely'
import type { Scope, Variable, Variables } from '../../model/variables.ts'
import type { Cipher } from './cipher.ts'
import { now } from './ids.ts'
import { secretNames } from './secrets.ts'
import type { ReadTx, WriteTx } from './store.ts'
import type { Tables } from './tables.ts'

/** Wanted variables of an app by name, sealed. */
export const envRows = (tx: ReadTx, appId: string): Promise<Selectable<Tables['env']>[]> =>
  tx.selectFrom('env').selectAll().where('app_id', '=', appId).orderBy('name').execute()

/** Wanted variables, opened. */
export async function variablesOf(tx: ReadTx, cipher: Cipher, appId: string): Promise<Variables> {
  const [rows, secrets] = [await envRows(tx, appId), await secretNames(tx, appId)]
  return Object.fromEntries(
    rows.map(({ name, value, scope }) => [name, { value: cipher.open(value), scope, secret: secrets.has(name) }]),
  )
}

/** Scopes of the wanted variables by name. */
export async function scopesOf(tx: ReadTx, appId: string): Promise<ReadonlyMap<string, Scope>> {
  const rows = await tx.selectFrom('env').select(['name', 'scope']).where('app_id', '=', appId).execute()
  return new Map(rows.map(({ name, scope }) => [name, scope]))
}

export type SealedChange = { readonly set: Readonly<Record<string, Variable>>; readonly unset: readonly string[] }

/** Changes the wanted variables without a release; the values come sealed. */
export async function changeEnvNow(tx: WriteTx, appId: string, { set, unset }: SealedChange): Promise<void> {
  await removeVariables(tx, appId, [...unset, ...Object.keys(set)])
  await insertSealed(tx, appId, set)
}

/** Makes these what the app wants. */
export async function replaceVariables(tx: WriteTx, cipher: Cipher, appId: string, all: Variables): Promise<void> {
  await tx.deleteFrom('env').where('app_id', '=', appId).execute()
  await insertSealed(tx, appId, sealed(cipher, all))
}

/** Makes these what its containers see. Variables of builds alone stay, for they are no part of a release. */
export async function replaceRunVariables(tx: WriteTx, cipher: Cipher, appId: string, run: Variables): Promise<void> {
  await tx.deleteFrom('env').where('app_id', '=', appId).where('scope', '<>', 'build').execute()
  await removeVariables(tx, appId, Object.keys(run))
  await insertSealed(tx, appId, sealed(cipher, run))
}

/** Adds those that are not there. */
export async function addVariables(tx: WriteTx, cipher: Cipher, appId: string, more: Variables): Promise<void> {
  const known = await scopesOf(tx, appId)
  const fresh = Object.entries(more).filter(([name]) => !known.has(name))
  await insertSealed(tx, appId, sealed(cipher, Object.fromEntries(fresh)))
}

const sealed = (cipher: Cipher, all: Variables): Variables =>
  Object.fromEntries(
    Object.entries(all).map(([name, { value, scope }]) => [name, { value: cipher.seal(value), scope }]),
  )

async function removeVariables(tx: WriteTx, appId: string, names: readonly string[]): Promise<void> {
  if (names.length > 0) await tx.deleteFrom('env').where('app_id', '=', appId).where('name', 'in', names).execute()
}

async function insertSealed(tx: WriteTx, appId: string, all: Variables): Promise<void> {
  const at = now()
  const rows = Object.entries(all).map(([name, { value, scope }]) => ({
    app_id: appId,
    name,
    value,
    scope,
    updated_at: at,
  }))
  if (rows.length > 0) await tx.insertInto('env').values(rows).execute()
}
