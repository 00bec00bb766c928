import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { label } from '../../src/model/names.ts'
import { cipherAt } from '../../src/server/store/cipher.ts'
import { createTeam } from '../../src/server/store/people.ts'
import { openStore } from '../../src/server/store/store.ts'

/** Writes three teams at a time into the database of a folder, and says which it has written, until it is killed. */
const dir = process.argv[2] ?? ''
const store = await openStore(join(dir, 'berth.sqlite'), cipherAt(join(dir, 'secret.key'), { mayCreate: true }))
for (;;) {
  const names = [randomUUID(), randomUUID(), randomUUID()]
  await store.write('people', async (tx) => {
    for (const name of names) await createTeam(tx, label('name', name))
  })
  writeSync(1, `${names.join('\n')}\n`)
}
