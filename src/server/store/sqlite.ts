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
  const statements = new Map<string, ReturnType<typeof adapt>>()
  return {
    close: () => db.close(),
    prepare(sql) {
      const known = statements.get(sql)
      if (known) return known
      if (statements.size > 500) statements.clear()
      const statement = adapt(db.prepare(sql))
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
  try {
    const rows = db.prepare('pragma integrity_check(1)').all()
    const found = String(rows[0]?.integrity_check)
    if (found !== 'ok') damaged(path, found)
    if (db.prepare('pragma foreign_key_check').all().length > 0) damaged(path, 'rows point to rows that are gone')
  } catch (error) {
    damaged(path, error)
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

const adapt = (statement: StatementSync) => ({
  reader: statement.columns().length > 0,
  all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
  run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
  iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
})
