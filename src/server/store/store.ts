import { EventEmitter } from 'node:events'
import { Kysely, SqliteDialect, type Transaction } from 'kysely'
import { log } from '../../lib/log.ts'
import { mutex } from '../../lib/mutex.ts'
import { refuse } from '../../model/refusal.ts'
import type { Cipher } from './cipher.ts'
import { checkKey } from './keyCheck.ts'
import { openSqlite, troubleOf } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** A consistent snapshot, and no way to change anything. */
export type ReadTx = Pick<Transaction<Tables>, 'selectFrom'>

/** All that a reader has, plus the verbs. */
export type WriteTx = Transaction<Tables>

/** What a change touched, so that those who wait for it look again. */
export type Topic = 'operations' | 'apps' | 'sets' | 'instances' | 'people' | 'builds' | 'packages' | 'stacks'

export interface Store extends AsyncDisposable {
  read<T>(work: (tx: ReadTx) => Promise<T>): Promise<T>
  /** One transaction; the topics are announced after it is on disk. Nothing slow belongs inside. */
  write<T>(topics: Topic | readonly Topic[], work: (tx: WriteTx) => Promise<T>): Promise<T>
  /** Calls after each change of one of the topics, once it is on disk; gives the function that ends it. */
  onChange(topics: readonly Topic[], listener: () => void): () => void
  readonly cipher: Cipher
}

/** Opens, checks and migrates the database; throws UNAVAILABLE rather than run on a damaged one. */
export async function openStore(path: string, cipher: Cipher): Promise<Store> {
  const files = { writer: openSqlite(path, 'migrate'), reader: openSqlite(path, 'read') }
  const writer = new Kysely<Tables>({ dialect: new SqliteDialect({ database: files.writer }) })
  const reader = new Kysely<Tables>({ dialect: new SqliteDialect({ database: files.reader }) })
  const writing = mutex()
  const reading = mutex()
  const emitter = new EventEmitter().setMaxListeners(0)
  const store: Store = {
    cipher,
    read: (work) => reading(() => inTransaction(reader, work)),
    async write(topics, work) {
      const result = await writing(() => inTransaction(writer, work))
      for (const topic of [topics].flat()) emitter.emit(topic)
      return result
    },
    onChange(topics, listener) {
      for (const topic of topics) emitter.on(topic, listener)
      return () => {
        for (const topic of topics) emitter.off(topic, listener)
      }
    },
    async [Symbol.asyncDispose]() {
      // By hand, for Kysely closes only what it has used. The writer last: a reader cannot fold the log into the file.
      await reading(() => reader.destroy())
      files.reader.close()
      await writing(() => writer.destroy())
      files.writer.close()
      log.info({ path }, 'store closed')
    },
  }
  await using undo = new AsyncDisposableStack()
  undo.use(store)
  await checkKey(writer, cipher)
  undo.move()
  return store
}

async function inTransaction<T>(db: Kysely<Tables>, work: (tx: WriteTx) => Promise<T>): Promise<T> {
  try {
    return await db.transaction().execute(work)
  } catch (error) {
    const trouble = troubleOf(error)
    if (trouble === undefined) throw error
    log.error({ error }, 'the database cannot be used')
    return refuse('UNAVAILABLE', 'the database', trouble)
  }
}
