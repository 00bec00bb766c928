import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '../../model/refusal.ts'
import { contextTar } from './context.ts'
import { openSource, textOf } from './source.ts'
import { type TestMember, tarOf } from './testSource.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-source-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function open(content: Buffer) {
  const path = join(folder, `${Math.random()}.tar`)
  await writeFile(path, content)
  return openSource(path)
}

const link = (path: string, target: string): TestMember => ({ path, type: '2', target })

const hostile: [says: string, members: TestMember[], reason: RegExp][] = [
  ['an absolute path', [{ path: '/etc/passwd' }], /"\/etc\/passwd" is an absolute path/],
  ['a path that climbs', [{ path: 'a/../../x' }], /leads out of the source/],
  ['a path that climbs in a long name', [{ path: `${'a/'.repeat(60)}../../x` }], /leads out of the source/],
  ['a line break in a name', [{ path: 'a\nRUN rm' }], /"a\\nRUN rm" has a control character; rename it/],
  ['an escape sequence in a name', [{ path: 'a\u001b[2J' }], /control character/],
  ['a name that is not UTF-8', [{ path: 'x' }], /not UTF-8/],
  ['a folder of git itself', [{ path: '.git/config' }], /belongs to git itself/],
  ['one hidden deeper, in other letters', [{ path: 'a/.GIT/hooks/post-checkout' }], /belongs to git itself/],
  [
    'a link to an absolute path',
    [link('a', '/etc/shadow')],
    /the link "a" leads out of the source, to "\/etc\/shadow"/,
  ],
  ['a link that climbs out', [link('a/b', '../../x')], /leads out of the source/],
  ['a link that climbs out through another', [link('d', '.'), link('e', 'd/../x')], /the link "e" leads out/],
  ['a link out, hidden behind a link', [link('a', 'b/c'), link('b', '..')], /leads out of the source/],
  ['links in a circle', [link('a', 'b'), link('b', 'a')], /goes in a circle/],
  ['a file behind a link', [link('a', '.'), { path: 'a/x' }], /"a\/x" lies behind "a", which is not a folder/],
  ['a file behind a file', [{ path: 'a' }, { path: 'a/x' }], /lies behind "a"/],
  ['a hard link out', [{ path: 'a', type: '1', target: '/etc/passwd' }], /is an absolute path/],
  ['a hard link to nothing', [{ path: 'a', type: '1', target: 'b' }], /hard link to "b", which is not in the source/],
  ['a character device', [{ path: 'a', type: '3' }], /"a" is a device/],
  ['a block device', [{ path: 'a', type: '4' }], /"a" is a device/],
  ['a named pipe', [{ path: 'a', type: '6' }], /"a" is a named pipe/],
  ['a sparse file', [{ path: 'a', type: 'S' }], /"a" is a sparse file/],
  [
    'a sparse file by a record',
    [{ path: 'p', type: 'x', content: '22 GNU.sparse.major=1\n' }, { path: 'a' }],
    /sparse files/,
  ],
  ['sparse files by a record for all', [{ path: 'p', type: 'g', content: '22 GNU.sparse.major=1\n' }], /sparse files/],
  ['an unknown kind', [{ path: 'a', type: 'Z' }], /"a" is of an unknown kind/],
  ['a path twice', [{ path: 'a' }, { path: './a' }], /"a" is in it twice/],
  ['a tree too deep', [{ path: `${'d/'.repeat(64)}x` }], /deeper than 64 folders/],
  ['a name too long', [{ path: 'x'.repeat(300) }], /is too long/],
  ['a path too long', [{ path: `${`${'y'.repeat(200)}/`.repeat(6)}x` }], /is too long/],
  ['files too large', [{ path: 'a', size: 3 * 1024 ** 3 }], /larger than 2 GiB together/],
  ['a file that is cut off', [{ path: 'a', size: 100_000 }], /ends too early/],
]

for (const [says, members, reason] of hostile) {
  test(`refuses ${says}`, async () => {
    const tar = tarOf(members)
    if (says.includes('UTF-8')) tarWith(tar, 0, 0xff)
    await assert.rejects(open(tar), (error) => {
      assert(error instanceof Refusal, String(error))
      assert.equal(error.code, 'SOURCE')
      assert.match(error.message, reason)
      return true
    })
  })
}

/** Changes one byte of the first header and mends its checksum. */
function tarWith(tar: Buffer, at: number, byte: number) {
  tar[at] = byte
  tar.fill(' ', 148, 156)
  const sum = tar.subarray(0, 512).reduce((total, one) => total + one, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}

test('refuses more than 100,000 files', async () => {
  const members = Array.from({ length: 100_001 }, (_, i) => ({ path: `f${i}` }))
  await assert.rejects(open(tarOf(members)), /more than 100000 files/)
})

const broken: [says: string, content: Buffer, reason: RegExp][] = [
  ['an empty file', Buffer.alloc(0), /not a tar file/],
  ['something else', Buffer.alloc(2048, 'x'), /not a tar file/],
  ['a damaged header', Buffer.from(tarOf([{ path: 'a' }])).fill('z', 10, 20), /damaged/],
  ['a gzip file', Buffer.from('1f8b0800000000000003', 'hex'), /compressed; send it plain/],
  ['a zip file', Buffer.from('PK\u0003\u0004'), /zip file; send a tar file/],
]

for (const [says, content, reason] of broken) {
  test(`refuses ${says}`, () => assert.rejects(open(content), reason))
}

const harmless: [says: string, members: TestMember[]][] = [
  ['quotes, spaces and dollars in names', [{ path: `it's "a" $(touch x) \`b\` ;&|.txt`, content: 'x' }]],
  ['names that look like options', [{ path: '--privileged' }, { path: '-rf' }]],
  ['other alphabets', [{ path: 'köln/東京.txt', content: '東' }]],
  ['a link inside', [{ path: 'a/b', content: 'x' }, link('c/d', '../a/b')]],
  ['a link to nothing inside', [link('c/d', '../a/b')]],
  ['long names', [{ path: `${'folder/'.repeat(30)}file`, content: 'x' }]],
]

for (const [says, members] of harmless) {
  test(`takes ${says}, and writes the same again`, async () => {
    const source = await open(tarOf(members))
    const written: Buffer[] = []
    for await (const part of contextTar(source, { folder: '', takes: () => true, files: {} })) written.push(part)
    const again = await open(Buffer.concat(written))
    const plain = (tree: typeof source.tree) => [...tree.entries.values()].map(({ offset, ...entry }) => entry)
    assert.deepEqual(plain(again.tree), plain(source.tree))
    for (const { path, content } of members) if (content) assert.equal(await textOf(again, path), content)
    await Promise.all([source.close(), again.close()])
  })
}

test('a hard link inside becomes a second file', async () => {
  const source = await open(
    tarOf([
      { path: 'a', content: 'same' },
      { path: 'b', type: '1', target: 'a' },
    ]),
  )
  assert.equal(await textOf(source, 'b'), 'same')
  await source.close()
})

test('files of ours replace those of the source', async () => {
  const source = await open(tarOf([{ path: 'Dockerfile', content: 'theirs' }]))
  const written: Buffer[] = []
  for await (const part of contextTar(source, { folder: '', takes: () => true, files: { Dockerfile: 'ours' } }))
    written.push(part)
  const again = await open(Buffer.concat(written))
  assert.equal(await textOf(again, 'Dockerfile'), 'ours')
  await Promise.all([source.close(), again.close()])
})
