import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase } from 'kysely'
import { refuse } from '../../model/refusal.ts'
import { migrations } from './migrations.ts'

/** What Kysely's SQLite dialect needs, on node:sqlite. `migrate` also checks the file and brings it up to date. */
export function openSqlite(path: string, mode: 'migrate' | 'read'): SqliteDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = opened(path)
  if (mode === 'migrate') {
    checkIntegrity(db, path)
    migrate(db)
  }
  db.exec(mode === 'read' ? 'pragma query_only = on' : 'pragma optimize')
  const rollback = rollbackOf(db)
  const statements = new Map<string, ReturnType<typeof adapt>>()
  return {
    close: () => db.isOpen && db.close(),
    prepare(sql) {
      if (sql === 'rollback') return rollback
      const known = statements.get(sql)
      if (known) return known
      if (statements.size > 500) statements.clear()
      const statement = adapt(db.prepare(sql === 'begin' && mode === 'migrate' ? 'begin immediate' : sql))
      statements.set(sql, statement)
      return statement
    },
  }
}

/** WAL with full sync: what was acknowledged survives a power cut, and readers never wait. */
function opened(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: 5_000 })
    db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    return db
  } catch (error) {
    return damaged(path, error)
  }
}

function checkIntegrity(db: DatabaseSync, path: string) {
  const found = damageIn(db)
  if (found === undefined) return
  db.close()
  damaged(path, found)
}

function damageIn(db: DatabaseSync): unknown {
  try {
    const found = db.prepare('pragma integrity_check(1)').get()?.integrity_check
    if (found !== 'ok') return String(found).replaceAll(/\s+/g, ' ')
    return db.prepare('pragma foreign_key_check').get() && 'rows point to rows that are gone'
  } catch (error) {
    return error
  }
}

function damaged(path: string, reason: unknown): never {
  return refuse(
    'UNAVAILABLE',
    `the database ${path}`,
    `${reason instanceof Error ? reason.message : reason}. Apps keep serving. Restore the file from a backup, then start again`,
  )
}

function migrate(db: DatabaseSync) {
  const version = Number(db.prepare('pragma user_version').get()?.user_version)
  const newest = migrations.at(-1)?.number ?? 0
  if (version > newest) {
    refuse(
      'UNAVAILABLE',
      'the database',
      `it was written by a newer Berth (schema ${version}, this one knows ${newest})`,
    )
  }
  for (const migration of migrations.filter(({ number }) => number > version)) {
    db.exec('begin immediate')
    for (const statement of migration.sql) db.exec(statement)
    db.exec(`pragma user_version = ${migration.number}`)
    db.exec('commit')
  }
}

/** After some failures (a full disk) SQLite has rolled back by itself, and the failure must not be hidden by that. */
function rollbackOf(db: DatabaseSync): ReturnType<typeof adapt> {
  const statement = adapt(db.prepare('rollback'))
  const nothing = { changes: 0, lastInsertRowid: 0 }
  return { ...statement, run: () => (db.isTransaction ? statement.run([]) : nothing) }
}

/** Result codes of SQLite that no caller is to blame for, and what an operator can do about each. */
const troubles: Readonly<Record<number, string>> = {
  8: 'its file is read-only',
  10: 'the disk gives errors (see the log of the kernel)',
  11: 'it is damaged; restore it from a backup',
  13: 'the disk is full; make room on it',
  14: 'its files cannot be opened',
}

/** Says what is wrong with the disk or the file; undefined for what is wrong with a statement. */
export function troubleOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return troubles[Number(error.errcode) & 0xff]
}

const adapt = (statement: StatementSync) => ({
  reader: statement.columns().length > 0,
  all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
  run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
  iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
})
