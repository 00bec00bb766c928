import { EventEmitter } from 'node:events'
import { Kysely, SqliteDialect, type Transaction } from 'kysely'
import { log } from '../../lib/log.ts'
import { mutex } from '../../lib/mutex.ts'
import type { Cipher } from './cipher.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** A consistent snapshot, and no way to change anything. */
export type ReadTx = Pick<Transaction<Tables>, 'selectFrom'>

/** All that a reader has, plus the verbs. */
export type WriteTx = Transaction<Tables>

/** What a change touched, so that those who wait for it look again. */
export type Topic = 'operations' | 'apps' | 'sets' | 'instances' | 'people'

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
  const writer = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(path, 'migrate') }) })
  const reader = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(path, 'read') }) })
  const writing = mutex()
  const reading = mutex()
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    cipher,
    read: (work) => reading(() => reader.transaction().execute(work)),
    async write(topics, work) {
      const result = await writing(() => immediate(writer, work))
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
      await Promise.all([writing(() => writer.destroy()), reading(() => reader.destroy())])
      log.info({ path }, 'store closed')
    },
  }
}

const immediate = <T>(db: Kysely<Tables>, work: (tx: WriteTx) => Promise<T>) => db.transaction().execute(work)
