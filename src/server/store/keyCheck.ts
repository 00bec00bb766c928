import type { Kysely } from 'kysely'
import { refuse } from '../../model/refusal.ts'
import type { Cipher } from './cipher.ts'
import type { Tables } from './tables.ts'

const name = 'key.check'

/** A key that does not fit the database is found at the start, not at the first deploy. */
export async function checkKey(db: Kysely<Tables>, cipher: Cipher): Promise<void> {
  const kept = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
  if (kept) return fits(cipher, kept.value)
  await db
    .insertInto('settings')
    .values({ name, value: cipher.seal(name) })
    .execute()
}

function fits(cipher: Cipher, sealed: string) {
  try {
    cipher.open(sealed)
  } catch {
    refuse('UNAVAILABLE', 'the key file', 'it is not the one that this database was written with: restore that one')
  }
}
