import assert from 'node:assert/strict'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { zip } from '../../test/harness/zip.ts'
import { output } from './exec.ts'
import { zipEntries } from './zip.ts'

let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'berth-zip-'))
})
after(() => rm(dir, { recursive: true, force: true }))

const limits = { entries: 100, bytes: 1_000_000 }

async function contents(bytes: Buffer): Promise<Record<string, string>> {
  const path = join(dir, `${Math.random()}.zip`)
  await writeFile(path, bytes)
  await using file = await open(path)
  const found: Record<string, string> = {}
  for (const entry of await zipEntries(file, limits)) {
    const chunks = entry.kind === 'file' ? await Array.fromAsync(entry.content()) : []
    found[entry.path] = `${entry.kind}${entry.executable ? '*' : ''} ${Buffer.concat(chunks)}`
  }
  return found
}

test('files, folders, modes; packed and plain', async () => {
  const bytes = zip([
    { name: 'a/', mode: 0o040755 },
    { name: 'a/run', content: Buffer.from('#!'), mode: 0o100755 },
    { name: 'ü.txt', content: Buffer.from('hello'), method: 0 },
    { name: 'empty' },
  ])
  assert.deepEqual(await contents(bytes), {
    a: 'directory* ',
    'a/run': 'file* #!',
    'ü.txt': 'file hello',
    empty: 'file ',
  })
})

test('what the zip program makes', async () => {
  await writeFile(join(dir, 'one.txt'), 'x'.repeat(10_000))
  await output(['zip', '-q', '-r', 'made.zip', 'one.txt'], { cwd: dir })
  await using file = await open(join(dir, 'made.zip'))
  const [entry] = await zipEntries(file, limits)
  assert.deepEqual([entry?.path, entry?.size], ['one.txt', 10_000])
  assert.ok(entry && Math.abs(Date.now() - entry.modifiedAt.getTime()) < 2 * 86_400_000)
})

const small = Buffer.from('x')
const bad: readonly (readonly [what: string, bytes: Buffer, reason: RegExp])[] = [
  ['an absolute path', zip([{ name: '/etc/passwd', content: small }]), /absolute/],
  ['a drive', zip([{ name: 'C:/x', content: small }]), /absolute/],
  ['a way out', zip([{ name: 'a/../../x', content: small }]), /leads out/],
  ['a backslash', zip([{ name: '..\\x', content: small }]), /backslash/],
  ['a control character', zip([{ name: 'a\nb', content: small }]), /control/],
  ['a NUL', zip([{ name: 'a\0b', content: small }]), /control/],
  ['a link', zip([{ name: 'x', content: small, mode: 0o120777 }]), /a link/],
  ['a device', zip([{ name: 'x', content: small, mode: 0o020666 }]), /a device/],
  ['an encrypted file', zip([{ name: 'x', content: small, flags: 1 }]), /encrypted/],
  ['another method', zip([{ name: 'x', content: small, method: 12 }]), /method/],
  ['a wrong checksum', zip([{ name: 'x', content: small, says: { crc: 1 } }]), /damaged/],
  ['more than it says', zip([{ name: 'x', content: Buffer.alloc(500_000), says: { size: 10 } }]), /more than it says/],
  ['less than it says', zip([{ name: 'x', content: small, says: { size: 10 } }]), /damaged/],
  ['too much', zip([{ name: 'x', content: Buffer.alloc(2_000_000) }]), /larger than/],
  ['too many', zip(Array.from({ length: 101 }, (_, n) => ({ name: `f${n}` }))), /more than 100 files/],
  ['no zip', Buffer.from('hello'.repeat(100)), /no zip file/],
  ['nothing', Buffer.alloc(0), /no zip file/],
  ['the half of one', zip([{ name: 'x', content: small }]).subarray(0, -10), /no zip file/],
]

for (const [what, bytes, reason] of bad) {
  test(`${what} is refused`, () => assert.rejects(contents(bytes), { name: 'ZipError', message: reason }))
}

test('a directory that points anywhere does no harm', async () => {
  const good = zip([{ name: 'x', content: small }])
  for (let at = 0; at < good.length; at++) {
    const broken = Buffer.from(good)
    broken[at] = 0xff
    await contents(broken).catch((error) => assert.equal(error.name, 'ZipError', `${at}: ${error.stack}`))
  }
})
