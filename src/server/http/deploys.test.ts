import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { apiAs, tinyTar } from '../../../test/harness/api.ts'

const { api, ask, get, stop } = await apiAs('member')
after(stop)

const uploads: Readonly<Record<string, readonly [raw: () => Buffer<ArrayBuffer>, type: string, status: number]>> = {
  'a tar file': [tinyTar, 'application/x-tar', 200],
  'a gzipped tar file': [() => gzip(tinyTar()), 'application/gzip', 200],
  'a torn gzip file': [() => gzip(tinyTar()).subarray(0, 60), 'application/gzip', 422],
  'no gzip file': [tinyTar, 'application/gzip', 422],
  'a gzip file called tar': [() => gzip(tinyTar()), 'application/x-tar', 422],
  'no tar file': [() => Buffer.from('hello'.repeat(1000)), 'application/x-tar', 422],
  nothing: [() => Buffer.alloc(0), 'application/x-tar', 422],
  JSON: [() => Buffer.from('{}'), 'application/json', 400],
}

for (const [what, [raw, type, expected]] of Object.entries(uploads)) {
  test(`a deploy of ${what}: ${expected}`, async () => {
    const { name } = await api.app()
    const asked = { raw: raw(), headers: { 'content-type': type } }
    const { status, json, text } = await ask('POST', `/apps/${name}/deploys?message=try%20it`, asked)
    assert.equal(status, expected, text)
    const kept = await readdir(join(api.dir, 'builds')).catch((): string[] => [])
    if (expected !== 200) return assert.deepEqual((await get(`/apps/${name}/operations`)).length, 1)
    assert.ok(kept.includes(json.id))
    assert.equal(json.about, 'upload try it')
    assert.deepEqual(await readFile(join(api.dir, 'builds', json.id, 'source.tar')), tinyTar())
  })
}

test('an upload that was refused leaves nothing behind', async () => {
  const before = await readdir(join(api.dir, 'builds'))
  const { name } = await api.app()
  const bomb = gzip(Buffer.alloc(64 * 1024 * 1024))
  await ask('POST', `/apps/${name}/deploys`, { raw: bomb, headers: { 'content-type': 'application/gzip' } })
  assert.deepEqual(await readdir(join(api.dir, 'builds')), before)
})

const gzip = (bytes: Buffer) => Buffer.from(gzipSync(bytes))
