import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ensureAdmin } from './admin.ts'
import { cipherAt } from './store/cipher.ts'
import { actorByToken, passwordMatches, userByName } from './store/people.ts'
import { openStore } from './store/store.ts'

async function place(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'berth-admin-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const store = await openStore(join(dir, 'db.sqlite'), cipherAt(join(dir, 'key'), { mayCreate: true }))
  t.after(() => store[Symbol.asyncDispose]())
  const file = join(dir, 'admin.json')
  const credentials = () => JSON.parse(readFileSync(file, 'utf8')) as { password: string; token: string; url: string }
  return { store, file, credentials, ensure: () => ensureAdmin(store, file, 'http://127.0.0.1:1') }
}

async function assertWorks({ store, credentials }: Awaited<ReturnType<typeof place>>) {
  const { password, token } = credentials()
  const actor = await store.read((tx) => actorByToken(tx, token))
  assert.deepEqual([actor?.name, actor?.role, Object.values(actor?.teams ?? {})], ['admin', 'admin', ['admin']])
  const user = await store.read((tx) => userByName(tx, 'admin'))
  assert.ok(await passwordMatches(password, user?.password_hash ?? ''))
}

test('the first start makes an operator whose credentials only the owner can read', async (t) => {
  const it = await place(t)
  await it.ensure()
  await assertWorks(it)
  assert.equal(statSync(it.file).mode & 0o777, 0o600)
  assert.equal(it.credentials().url, 'http://127.0.0.1:1')
})

test('later starts change nothing, even where the file was put away', async (t) => {
  const it = await place(t)
  await it.ensure()
  const before = it.credentials()
  await it.ensure()
  assert.deepEqual(it.credentials(), before)
  rmSync(it.file)
  await it.ensure()
  assert.throws(it.credentials, { code: 'ENOENT' })
})

test('a start that died before the file was written leaves an operator that the next one lets in', async (t) => {
  const it = await place(t)
  mkdirSync(it.file)
  await assert.rejects(it.ensure())
  rmdirSync(it.file)
  await it.ensure()
  await assertWorks(it)
  const tokens = await it.store.read((tx) => tx.selectFrom('tokens').selectAll().execute())
  assert.equal(tokens.length, 1, 'the token that nobody ever saw is gone')
})
