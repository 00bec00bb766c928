import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { apiAs, startApi, tinyTar } from '../../../test/harness/api.ts'
import { zip } from '../../../test/harness/zip.ts'
import { basePath } from '../../contract/endpoint.ts'
import { encodeHeader, tarEnd } from '../../lib/tarHeader.ts'
import { type TestMember, tarOf } from '../build/testSource.ts'
import { repackedImage } from '../sources/imageFile.ts'
import { keepTar } from './upload.ts'

const { api, ask, stop } = await apiAs('member')
const token = await api.token('member')
let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'berth-hostile-'))
})
after(async () => {
  await rm(dir, { recursive: true, force: true })
  await stop()
})

const small = Buffer.from('x')
const mega = 1_048_576
const folders = () => readdir(join(api.dir, 'builds')).catch((): string[] => [])

const zips: Readonly<Record<string, readonly [bytes: () => Buffer<ArrayBuffer>, reason: RegExp]>> = {
  'an absolute path': [
    () => zip([{ name: '/etc/cron.d/x', content: small }]),
    /"\/etc\/cron.d\/x" is an absolute path/,
  ],
  'a path out': [() => zip([{ name: 'a/../../x', content: small }]), /leads out of it/],
  'a link': [() => zip([{ name: 'x', content: Buffer.from('/etc/shadow'), mode: 0o120777 }]), /"x" is a link/],
  'a device': [() => zip([{ name: 'null', mode: 0o020666 }]), /"null" is a device/],
  'a named pipe': [() => zip([{ name: 'pipe', mode: 0o010644 }]), /"pipe" is a named pipe/],
  'a bomb that says so': [
    () => zip(['a', 'b', 'c'].map((name) => ({ name, content: small, says: { size: 1_000 * mega } }))),
    /its files are larger than 2048 MiB together/,
  ],
  'a bomb that lies': [
    () =>
      zip([
        { name: 'first', content: Buffer.alloc(mega) },
        { name: 'bomb', content: Buffer.alloc(32 * mega), says: { size: 10 } },
      ]),
    /"bomb" unpacks to more than it says/,
  ],
  'a bomb of files': [
    () => zip(Array.from({ length: 30_000 }, (_, n) => ({ name: `${n}`, method: 0, says: { size: 100_000 } }))),
    /larger than 2048 MiB/,
  ],
  'a directory that lies about how much it holds': [() => claiming(0xfffe), /its directory is damaged/],
}

/** A zip file of one file whose end says that there are more. */
function claiming(count: number) {
  const bytes = zip([{ name: 'x', content: small }])
  bytes.writeUInt16LE(count, bytes.length - 12)
  return bytes
}

for (const [what, [bytes, reason]] of Object.entries(zips)) {
  test(`a zip file with ${what} is refused, and nothing of it stays`, async () => {
    const before = await folders()
    const { name } = await api.app()
    const headers = { 'content-type': 'application/zip' }
    const { status, json } = await ask('POST', `/apps/${name}/deploys`, { raw: bytes(), headers })
    assert.deepEqual([status, json.error.code], [422, 'SOURCE'])
    assert.match(json.error.message, reason)
    assert.deepEqual(await folders(), before)
  })

  test(`nor in parts: ${what}`, async () => {
    const before = await folders()
    const { name } = await api.app()
    const raw = bytes()
    const begun = await ask('POST', `/apps/${name}/uploads`, { body: { size: raw.length, type: 'zip' } })
    const path = `/apps/${name}/uploads/${begun.json.id}`
    const headers = { 'content-type': 'application/octet-stream' }
    assert.equal((await ask('PATCH', `${path}?offset=0`, { raw, headers })).status, 200)
    const { status, json } = await ask('POST', `${path}/deploys`, { body: {} })
    assert.deepEqual([status, json.error.code], [422, 'SOURCE'])
    assert.match(json.error.message, reason)
    assert.deepEqual(await folders(), before)
  })
}

/** A tar file of one huge file of zeros, gzipped: some KB for each 64 MB. */
const gzipBomb = (pieces: number) => {
  const zeros = gzipSync(Buffer.alloc(64 * mega))
  const heading = encodeHeader({ path: 'zeros', type: '0', mode: 0o644, size: pieces * 64 * mega })
  return [gzipSync(heading), ...Array.from({ length: pieces }, () => zeros), gzipSync(tarEnd)]
}

test('a tar.gz bomb is cut off where it passes the limit, and nothing of it stays', async () => {
  const into = join(dir, 'bomb')
  const limits = { name: 'source.tar', packedMb: 10, unpackedMb: 16, reserve: { mb: 0, percent: 0 } }
  const reason = { code: 'TOO_LARGE', message: 'the source is larger than the limit of 16 MiB' }
  await assert.rejects(keepTar(Readable.from(gzipBomb(4)), 'gzip', into, limits), reason)
  await assert.rejects(stat(into), { code: 'ENOENT' })
})

/** What `docker save` writes, of one layer. */
const imageOf = (layer: Buffer) => {
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['x:1'], Layers: ['layer.tar'] }])
  const files = [encodeHeader({ path: 'layer.tar', type: '0', mode: 0o644, size: layer.length }), layer]
  const fill = Buffer.alloc((512 - (layer.length % 512)) % 512)
  const first = tarOf([
    { path: 'manifest.json', content: manifest },
    { path: 'config.json', content: '{}' },
  ])
  return Buffer.concat([first.subarray(0, -tarEnd.length), ...files, fill, tarEnd])
}

const pax = (type: string, ...records: string[]): TestMember => ({
  path: 'pax',
  type,
  content: records.map((record) => `${record.length + 4} ${record}\n`).join(''),
})
const file: TestMember = { path: 'x', content: 'x' }
const sparse = pax('x', 'GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=1099511627776')
/** One header whose bytes are others. */
const changed = (at: number, bytes: Buffer, [member = file]: TestMember[] = []) => {
  const tar = tarOf([member])
  bytes.copy(tar, at)
  tar.fill(' ', 148, 156)
  const sum = tar.subarray(0, 512).reduce((total, one) => total + one, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return tar
}

const layers: Readonly<Record<string, readonly [layer: Buffer, reason: RegExp]>> = {
  'a sparse file of a terabyte': [tarOf([sparse, file]), /sparse files/],
  'a sparse file, gzipped': [gzipSync(tarOf([sparse, file])), /sparse files/],
  'sparse files by a header for all': [tarOf([pax('g', 'GNU.sparse.realsize=1099511627776'), file]), /sparse files/],
  'a sparse file of the old kind': [tarOf([{ path: 'x', type: 'S' }]), /sparse files/],
  'a sparse file behind a folder that says to be large': [
    tarOf([{ path: 'd', type: '5', size: 1_024 }, sparse, file]),
    /damaged/,
  ],
  'a sparse file behind a size that is taken back': [
    tarOf([pax('x', 'size=2048'), pax('x', 'mtime=1'), { path: 'x' }, sparse, file]),
    /damaged/,
  ],
  'a file of an unknown kind': [tarOf([{ path: 'x', type: '7' }]), /unknown kind/],
  'a file that is larger than may be': [
    tarOf([pax('x', 'size=99999999999999'), { path: 'x' }]),
    /the image is larger than the limit of 8 GiB/,
  ],
  'a file that is cut off': [tarOf([{ path: 'x', size: 10_000 }]), /damaged/],
  'no end': [tarOf([file]).subarray(0, 1_024), /ends too early/],
  'nothing of a tar file': [Buffer.alloc(2_048, 'x'), /damaged/],
  'a header of before ustar': [changed(257, Buffer.alloc(8)), /damaged/],
  'a size that is no octal number': [changed(124, Buffer.from('8000000000000001', 'hex')), /damaged/],
  'a tar file that is zstd too': [changed(0, Buffer.from('502a4d18', 'hex')), /cannot be looked into/],
  'a gzipped tar file that is bzip2 too': [gzipSync(changed(0, Buffer.from('BZh'))), /cannot be looked into/],
}

for (const [what, [layer, reason]] of Object.entries(layers)) {
  test(`an image with ${what} is refused before the Engine sees it`, async () => {
    const path = join(dir, 'image.tar')
    await writeFile(path, imageOf(layer))
    await assert.rejects(repackedImage(path, 'y:1'), reason)
  })
}

test('an image as others make them is taken: long names, capabilities, links, devices, gzipped or not', async () => {
  const layer = tarOf([
    pax('g', 'comment=some'),
    { path: `${'folder/'.repeat(30)}file`, content: 'x' },
    { path: 'd/', type: '5' },
    { path: 'l', type: '2', target: 'x' },
    { path: 'h', type: '1', target: 'x' },
    { path: 'null', type: '3' },
    { path: 'pipe', type: '6' },
    { path: '././@LongLink', type: 'L', content: `${'n'.repeat(120)}\0` },
    pax('x', 'SCHILY.xattr.security.capability=\x01\x00\x00'),
    file,
  ])
  for (const each of [layer, gzipSync(layer)]) {
    const path = join(dir, 'image.tar')
    await writeFile(path, imageOf(each))
    await using image = await repackedImage(path, 'y:1')
    assert.equal(image.name, 'x:1')
  }
})

test('an upload does not take the last of the disk: whole, packed or in parts', async () => {
  const { settings } = api.ctx
  const full = await startApi({ settings: { ...settings, reserve: { mb: 2 ** 40, percent: 0 } } })
  after(() => full[Symbol.asyncDispose]())
  const member = await full.token('member')
  const { name } = await full.app()
  const send = (path: string, raw: Buffer<ArrayBuffer>, type: string, method = 'POST') =>
    full.ask(method, `${basePath}/apps/${name}${path}`, { token: member, raw, headers: { 'content-type': type } })
  const bodies = { 'x-tar': tinyTar(), gzip: gzipSync(tinyTar()), zip: zip([{ name: 'x', content: small }]) }
  const before = await readdir(settings.buildsDir).catch((): string[] => [])
  for (const [type, bytes] of Object.entries(bodies)) {
    const { status, json } = await send('/deploys', Buffer.from(bytes), `application/${type}`)
    assert.deepEqual([status, json.error.code], [507, 'DISK_LOW'], type)
    assert.match(json.error.message, /the upload was refused: .+ are free on the disk of /)
  }
  const asked = { token: member, body: { size: 10, type: 'tar' } }
  const begun = await full.ask('POST', `${basePath}/apps/${name}/uploads`, asked)
  const part = await send(`/uploads/${begun.json.id}?offset=0`, Buffer.alloc(10), 'application/octet-stream', 'PATCH')
  assert.deepEqual([part.status, part.json.error.code], [507, 'DISK_LOW'])
  assert.deepEqual(await readdir(settings.buildsDir).catch((): string[] => []), before)
})

test('gzip in gzip, and a zip file called a tar file, are told from a tar file', async () => {
  const { name } = await api.app()
  const send = (raw: Buffer<ArrayBuffer>, type: string) =>
    ask('POST', `/apps/${name}/deploys`, { raw, headers: { 'content-type': `application/${type}` } })
  for (const [raw, type] of [
    [gzipSync(gzipSync(tinyTar())), 'gzip'],
    [zip([{ name: 'x', content: small }]), 'x-tar'],
    [zip([]), 'zip'],
  ] as const) {
    const { status, json } = await send(Buffer.from(raw), type)
    assert.deepEqual([status, json.error.code], [422, 'SOURCE'], `${type}: ${json.error.message}`)
  }
})

test('a body that says to be larger than may be is refused before it comes', async () => {
  const { name } = await api.app()
  const headers = {
    'content-type': 'application/gzip',
    authorization: `Bearer ${token}`,
    'content-length': `${2 ** 40}`,
  }
  const url = new URL(`${api.url}${basePath}/apps/${name}/deploys`)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, ({ statusCode }) => {
      resolve(statusCode)
      sent.destroy()
    })
    sent.on('error', reject)
    sent.flushHeaders()
  })
  assert.equal(status, 413)
})
