import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { start } from '../../lib/exec.ts'
import { label } from '../../model/names.ts'
import { cipherAt } from './cipher.ts'
import { migrations } from './migrations.ts'
import { createTeam } from './people.ts'
import { openStore } from './store.ts'

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'berth-store-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const openIn = (dir: string) =>
  openStore(join(dir, 'berth.sqlite'), cipherAt(join(dir, 'secret.key'), { mayCreate: true }))

async function fresh(t: TestContext) {
  const dir = folder(t)
  const store = await openIn(dir)
  t.after(() => store[Symbol.asyncDispose]())
  return { dir, store, path: join(dir, 'berth.sqlite') }
}

type Store = Awaited<ReturnType<typeof openIn>>
const addTeam = (store: Store, name: string) => store.write('people', (tx) => createTeam(tx, label('name', name)))
const teams = (store: Store) =>
  store.read(async (tx) => (await tx.selectFrom('teams').select('name').orderBy('name').execute()).map((t) => t.name))

async function closed(t: TestContext, ...names: string[]) {
  const dir = folder(t)
  const store = await openIn(dir)
  for (const name of names) await addTeam(store, name)
  await store[Symbol.asyncDispose]()
  return { dir, path: join(dir, 'berth.sqlite') }
}

test('what was written is there after opening again', async (t) => {
  const { dir } = await closed(t, 'one', 'two')
  await using store = await openIn(dir)
  assert.deepEqual(await teams(store), ['one', 'two'])
})

test('the schema is brought to the newest migration, and numbers only grow', async (t) => {
  const { path } = await closed(t)
  using db = new DatabaseSync(path)
  const numbers = migrations.map(({ number }) => number)
  assert.equal(db.prepare('pragma user_version').get()?.user_version, numbers.at(-1))
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
})

test('a database of a newer Berth is refused, and not touched', async (t) => {
  const { dir, path } = await closed(t)
  const db = new DatabaseSync(path)
  db.exec('pragma user_version = 9999')
  db.close()
  const before = readFileSync(path)
  await assert.rejects(openIn(dir), /written by a newer Berth \(schema 9999, this one knows \d+\)/)
  assert.deepEqual(readFileSync(path), before)
})

test('a damaged database is refused with what to do', async (t) => {
  const names = Array.from({ length: 300 }, (_, n) => `team number ${n}`)
  const { dir, path } = await closed(t, ...names)
  const bytes = readFileSync(path)
  const at = bytes.indexOf('team number 150')
  assert.ok(at > 4096, 'found in a page of rows')
  bytes.fill(0xa5, at - (at % 4096), at - (at % 4096) + 64)
  writeFileSync(path, bytes)
  await assert.rejects(openIn(dir), /the database .*berth\.sqlite is not available: .*Restore the file from a backup/)
})

for (const [what, bytes] of [
  ['text', Buffer.from('not a database at all\n'.repeat(50))],
  ['the first half of one', undefined],
] as const) {
  test(`a file that is ${what} is refused`, async (t) => {
    const { dir, path } = await closed(t, 'one')
    const whole = readFileSync(path)
    writeFileSync(path, bytes ?? whole.subarray(0, Math.floor(whole.length / 2)))
    await assert.rejects(openIn(dir), { name: 'Refusal', code: 'UNAVAILABLE' })
  })
}

test('rows that point to nothing are found at the start', async (t) => {
  const { dir, path } = await closed(t)
  const db = new DatabaseSync(path)
  db.exec(`pragma foreign_keys = off; insert into members values ('no team', 'no user', 'admin')`)
  db.close()
  await assert.rejects(openIn(dir), /rows point to rows that are gone/)
})

test('foreign keys hold', async (t) => {
  const { store } = await fresh(t)
  const orphan = { team_id: 'none', user_id: 'none', role: 'admin' } as const
  await assert.rejects(
    store.write('people', (tx) => tx.insertInto('members').values(orphan).execute()),
    /FOREIGN KEY/,
  )
})

test('a reader cannot write, whatever it casts', async (t) => {
  const { store } = await fresh(t)
  const cheat = store.read((tx) => createTeam(tx as unknown as Parameters<typeof createTeam>[0], label('name', 'x')))
  await assert.rejects(cheat, /readonly database|read-only/)
  assert.deepEqual(await teams(store), [])
})

test('a reader sees one moment, while writes go on and are seen by the next', async (t) => {
  const { store } = await fresh(t)
  await addTeam(store, 'before')
  const names = await store.read(async (tx) => {
    const all = () => tx.selectFrom('teams').select('name').execute()
    const first = await all()
    await addTeam(store, 'meanwhile')
    return [first, await all()].map((rows) => rows.map(({ name }) => name))
  })
  assert.deepEqual(names, [['before'], ['before']])
  assert.deepEqual(await teams(store), ['before', 'meanwhile'])
})

test('a reader does not see a write that is under way', async (t) => {
  const { store } = await fresh(t)
  const seen = Promise.withResolvers<string[]>()
  await store.write('people', async (tx) => {
    await createTeam(tx, label('name', 'under way'))
    seen.resolve(await teams(store))
  })
  assert.deepEqual(await seen.promise, [])
})

test('a write that throws leaves nothing, announces nothing, and the next one works', async (t) => {
  const { store } = await fresh(t)
  let told = 0
  store.onChange(['people'], () => told++)
  const failing = store.write('people', async (tx) => {
    await createTeam(tx, label('name', 'half'))
    throw new Error('in the middle')
  })
  await assert.rejects(failing, /in the middle/)
  assert.deepEqual([await teams(store), told], [[], 0])
  await addTeam(store, 'whole')
  assert.deepEqual([await teams(store), told], [['whole'], 1])
})

test('who listens hears of a change once it can be read, of its topics only, until it stops', async (t) => {
  const { store } = await fresh(t)
  const heard: string[] = []
  const stop = store.onChange(['people', 'sets'], () => heard.push('heard'))
  await store.write(['people', 'apps'], async (tx) => {
    await createTeam(tx, label('name', 'a'))
    assert.deepEqual(heard, [])
  })
  assert.equal(heard.length, 1)
  await store.write('apps', async () => undefined)
  stop()
  await addTeam(store, 'b')
  assert.equal(heard.length, 1)
})

test('writes wait for each other and none is lost', async (t) => {
  const { store } = await fresh(t)
  await Promise.all(Array.from({ length: 50 }, (_, n) => addTeam(store, `team ${n}`)))
  assert.equal((await teams(store)).length, 50)
})

test('another writer of the same file is waited for, and no read-then-write fails by it', async (t) => {
  const { store, path } = await fresh(t)
  using other = new DatabaseSync(path)
  const both = store.write('people', async (tx) => {
    await tx.selectFrom('teams').selectAll().execute()
    assert.throws(() => other.exec(`insert into settings values ('from', 'elsewhere')`), /locked/)
    await createTeam(tx, label('name', 'mine'))
  })
  await both
  assert.deepEqual(await teams(store), ['mine'])
})

test('a full disk is told as such, leaves nothing half done, and is over when there is room', async (t) => {
  const { store } = await fresh(t)
  await addTeam(store, 'before')
  const limit = (pages: number) => store.write([], (tx) => sql.raw(`pragma max_page_count = ${pages}`).execute(tx))
  await limit(1)
  const large = store.write('people', async (tx) => {
    await createTeam(tx, label('name', 'half'))
    await tx
      .insertInto('settings')
      .values({ name: 'large', value: 'x'.repeat(1_000_000) })
      .execute()
  })
  await assert.rejects(large, { code: 'UNAVAILABLE', message: /the database is not available: the disk is full/ })
  assert.deepEqual(await teams(store), ['before'])
  await limit(1_000_000)
  await addTeam(store, 'after')
  assert.deepEqual(await teams(store), ['after', 'before'])
})

const writer = fileURLToPath(new URL('../../../test/harness/storeWriter.ts', import.meta.url))

test('killed in the middle of many writes, it has all that it acknowledged and no half of anything', async (t) => {
  const dir = folder(t)
  for (const afterMs of [20, 60, 130]) {
    const child = start([process.execPath, writer, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    let acknowledged = ''
    const exited = once(child, 'exit')
    child.stdout?.on('data', (chunk: Buffer) => {
      if (acknowledged === '') setTimeout(() => child.kill('SIGKILL'), afterMs)
      acknowledged += chunk.toString('utf8')
    })
    await exited
    await using store = await openIn(dir)
    const kept = new Set(await teams(store))
    const lost = acknowledged
      .split('\n')
      .slice(0, -1)
      .filter((name) => !kept.has(name))
    assert.ok(acknowledged.length > 0)
    assert.deepEqual(lost, [])
    assert.equal(kept.size % 3, 0, 'three rows are written at a time')
  }
})
