import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { cipherAt } from './cipher.ts'
import { openStore } from './store.ts'

function keyIn(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'berth-key-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'deep', 'secret.key')
}
const make = { mayCreate: true }

for (const text of ['', 'plain', 'ünïcode \u{1F680}', 'line\nline', 'x'.repeat(100_000)]) {
  test(`${JSON.stringify(text.slice(0, 20))} comes back, sealed differently each time`, (t) => {
    const cipher = cipherAt(keyIn(t), make)
    const [one, two] = [cipher.seal(text), cipher.seal(text)]
    assert.deepEqual([cipher.open(one), cipher.open(two)], [text, text])
    assert.notEqual(one, two)
    assert.ok(text === '' || !Buffer.from(one.slice(3), 'base64').includes(text))
  })
}

test('only the owner can read the key, and it stays the same', (t) => {
  const path = keyIn(t)
  const sealed = cipherAt(path, make).seal('value')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(cipherAt(path, { mayCreate: false }).open(sealed), 'value')
})

test('another key opens nothing', (t) => {
  const sealed = cipherAt(keyIn(t), make).seal('value')
  assert.throws(() => cipherAt(keyIn(t), make).open(sealed))
})

test('what was changed on disk does not open', (t) => {
  const cipher = cipherAt(keyIn(t), make)
  const bytes = Buffer.from(cipher.seal('value').slice(3), 'base64')
  for (const at of [0, 13, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.throws(() => cipher.open(`v1.${changed.toString('base64')}`), `byte ${at}`)
  }
})

for (const sealed of ['', 'v1.', 'v1.AAAA', 'not sealed at all']) {
  test(`${JSON.stringify(sealed)} does not open`, (t) => {
    assert.throws(() => cipherAt(keyIn(t), make).open(sealed))
  })
}

test('a lost key is not replaced where there is a database', (t) => {
  const path = keyIn(t)
  assert.throws(() => cipherAt(path, { mayCreate: false }), /is gone, and the database needs it: restore it/)
  assert.equal(existsSync(path), false)
})

test('half a key is refused', (t) => {
  const path = keyIn(t)
  cipherAt(path, make)
  writeFileSync(path, Buffer.alloc(16))
  assert.throws(() => cipherAt(path, make), /must hold exactly 32 bytes/)
})

test('a database does not open with a key that it was not written with', async (t) => {
  const database = `${keyIn(t)}.sqlite`
  const right = cipherAt(keyIn(t), make)
  await (await openStore(database, right))[Symbol.asyncDispose]()
  await assert.rejects(openStore(database, cipherAt(keyIn(t), make)), {
    code: 'UNAVAILABLE',
    message: /not the one that this database was written with/,
  })
  await (await openStore(database, right))[Symbol.asyncDispose]()
})
