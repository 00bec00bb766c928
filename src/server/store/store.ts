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
export type Topic = 'operations' | 'apps' | 'instances' | 'router' | 'people'

export interface Store extends AsyncDisposable {
  read<T>(work: (tx: ReadTx) => Promise<T>): Promise<T>
  /** One transaction; the topics are announced after it is on disk. Nothing slow belongs inside. */
  write<T>(topic: Topic, work: (tx: WriteTx) => Promise<T>): Promise<T>
  /** Yields once at once and again after each change of one of the topics; changes in between are one. */
  changes(topics: readonly Topic[], signal: AbortSignal): AsyncIterable<void>
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
    async write(topic, work) {
      const result = await writing(() => immediate(writer, work))
      emitter.emit(topic)
      return result
    },
    changes: (topics, signal) => announcements(emitter, topics, signal),
    async [Symbol.asyncDispose]() {
      await Promise.all([writing(() => writer.destroy()), reading(() => reader.destroy())])
      log.info({ path }, 'store closed')
    },
  }
}

const immediate = <T>(db: Kysely<Tables>, work: (tx: WriteTx) => Promise<T>) => db.transaction().execute(work)

async function* announcements(emitter: EventEmitter, topics: readonly Topic[], signal: AbortSignal) {
  let wake: () => void = () => undefined
  let dirty = true
  const mark = () => {
    dirty = true
    wake()
  }
  for (const topic of topics) emitter.on(topic, mark)
  signal.addEventListener('abort', mark)
  try {
    while (!signal.aborted) {
      if (dirty) {
        dirty = false
        yield
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    for (const topic of topics) emitter.off(topic, mark)
    signal.removeEventListener('abort', mark)
  }
}
