import { randomBytes } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { label } from '../model/names.ts'
import { createTeam, createToken, createUser, hashPassword, setMember, userByName } from './store/people.ts'
import type { Store, WriteTx } from './store/store.ts'

const written = 'admin.written'

/**
 * The first start makes the operator `admin` and writes the credentials to a file that only root can read. Dying in the
 * middle leaves nothing that the next start does not make anew.
 */
export async function ensureAdmin(store: Store, file: string, url: string): Promise<void> {
  if (
    await store.read((tx) => tx.selectFrom('settings').select('value').where('name', '=', written).executeTakeFirst())
  ) {
    return
  }
  const password = randomBytes(18).toString('base64url')
  const passwordHash = await hashPassword(password)
  const token = await store.write('people', (tx) => makeAdmin(tx, passwordHash))
  await writeSecretFile(file, JSON.stringify({ url, user: 'admin', password, token }, undefined, 2))
  await store.write('people', (tx) => tx.insertInto('settings').values({ name: written, value: 'yes' }).execute())
}

async function makeAdmin(tx: WriteTx, passwordHash: string): Promise<string> {
  const known = await userByName(tx, 'admin')
  if (known) {
    await tx.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', known.id).execute()
    await tx.deleteFrom('tokens').where('user_id', '=', known.id).execute()
    return createToken(tx, known.id, label('token name', 'first login'), null)
  }
  const user = await createUser(tx, { name: label('user name', 'admin'), role: 'admin', passwordHash })
  await setMember(tx, await createTeam(tx, label('team name', 'default')), user.id, 'admin')
  return createToken(tx, user.id, label('token name', 'first login'), null)
}

async function writeSecretFile(path: string, content: string) {
  await writeFile(`${path}.next`, `${content}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.next`, path)
}
